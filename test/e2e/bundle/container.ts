import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether this machine can start a container: root, systemd and systemd-nspawn. */
export const canContain =
  process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn') && existsSync('/lib/systemd/systemd');

const DEADLINE_S = 900;

/**
 * Boots systemd in a container that sees this machine's files and changes none of them (an overlay in memory), without
 * network beside loopback; runs a script there with `folder` mounted at /srv/given, and answers its output.
 */
export async function runUnderSystemd(
  folder: string,
  script: string,
  args: readonly string[],
): Promise<string> {
  const unit = `[Unit]
After=basic.target dbus.service
Requires=basic.target
Wants=dbus.service
[Service]
Type=oneshot
TimeoutStartSec=${DEADLINE_S}
ExecStart=/bin/bash /srv/given/script ${args.join(' ')}
StandardOutput=file:/srv/given/output
StandardError=inherit
ExecStopPost=/bin/systemctl poweroff --force --no-block
`;
  await writeFile(join(folder, 'script'), await readFile(script));
  await writeFile(join(folder, 'unit'), unit);
  await mkdir(join(folder, 'layer'));
  const boot = `
mount --make-rprivate /
cd ${folder}
mount -t tmpfs tmpfs layer
mkdir layer/upper layer/work layer/root
mount -t overlay overlay -o lowerdir=/,upperdir=layer/upper,workdir=layer/work layer/root
mkdir -p layer/root/srv/given
cp unit layer/root/etc/systemd/system/qianzhi-trial.service
exec timeout ${DEADLINE_S} systemd-nspawn --register=no --keep-unit --private-network --console=pipe \
  --bind=${folder}:/srv/given -D layer/root -b systemd.unit=qianzhi-trial.service`;
  const console_ = await new Promise<string>((resolve) => {
    const child = execFile('unshare', ['--mount', 'sh', '-ec', boot], { maxBuffer: 1 << 24 }, (_, out, err) =>
      resolve(out + err),
    );
    child.stdin?.end();
  });
  if (!existsSync(join(folder, 'output')))
    throw new Error(`the container did not run the script:\n${console_}`);
  return readFile(join(folder, 'output'), 'utf8');
}
