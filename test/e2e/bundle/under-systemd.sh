# The administrator's commands, run as root in a container where systemd is process 1. Arguments: folders of three versions.
# Writes `key=value` lines; systemd.test.ts judges them.
export QZ_LANG=en HOME=/root
cd /
url=http://127.0.0.1:8340
installer=/opt/qianzhi/current/install.sh

report() {
  echo "$1.version=$(qianzhi --version | cut -d ' ' -f 1)"
  for role in agent platform; do
    echo "$1.$role=$(systemctl is-active qianzhi-$role)"
  done
  pid=$(systemctl show --property=MainPID --value qianzhi-agent)
  echo "$1.command=$(tr '\0' ' ' < /proc/$pid/cmdline)"
  # whole into a variable: a pipe into head would end the command by SIGPIPE, and `eventually` would go on for its minute
  status=$(eventually qianzhi agent status)
  echo "$1.status=${status%%$'\n'*}"
}

# Runs a command until it succeeds, for at most a minute.
eventually() {
  for _ in $(seq 120); do
    "$@" 2> /dev/null && return
    sleep 0.5
  done
  "$@"
}

sh "$1/install.sh" --agent --platform --url $url
echo "install.code=$?"
systemctl start qianzhi-platform
code=/var/lib/qianzhi-platform/first-start-code
eventually test -s $code
umask 077
head -c 12 /dev/urandom | base64 > /root/pw
qianzhi platform setup --url $url --account officer --name x --password-file /root/pw --code-file $code
qianzhi login --url $url --account officer --password-file /root/pw
qianzhi department put mz --name mz
qianzhi agent invite mz-agent --department mz --out /root/token
qianzhi enroll --token-file /root/token
systemctl start qianzhi-agent
report install
qianzhi doctor > /dev/null
echo "install.doctor=$?"
echo "install.owner=$(stat -c %U:%a /var/lib/qianzhi-agent /var/lib/qianzhi-agent/identity.json | tr '\n' ' ')"
sed -n 's/^\(Uid\|NoNewPrivs\|Seccomp\|CapEff\|CapBnd\):\t*\([^\t]*\).*/install.\1=\2/p' /proc/$pid/status
echo "install.memory=$(systemctl show --property=MemoryMax --value qianzhi-agent)"

systemctl reload qianzhi-agent
echo "reload.right=$?"
cp /etc/qianzhi/agent.yaml /root/agent.yaml
echo 'exchanges: 7' >> /etc/qianzhi/agent.yaml
systemctl reload qianzhi-agent
echo "reload.wrong=$?"
echo "reload.agent=$(systemctl is-active qianzhi-agent)"
cp /root/agent.yaml /etc/qianzhi/agent.yaml

sh "$2/install.sh"
echo "upgrade.code=$?"
report upgrade

# the third converts the state and then ends
sh "$3/install.sh"
echo "broken.code=$?"
report broken
echo "broken.current=$(qianzhi agent check-state --json | tr -d ' \n')"

sh $installer --rollback
echo "rollback.code=$?"
report rollback

sh $installer --uninstall
echo "uninstall.code=$?"
echo "uninstall.kept=$(ls -d /etc/qianzhi /var/lib/qianzhi-agent/state.db /var/backups/qianzhi | wc -l)"
echo "uninstall.agent=$(systemctl is-active qianzhi-agent)"
sh "$1/install.sh"
sh $installer --purge
echo "purge.code=$?"
echo "purge.left=$(ls -d /opt/qianzhi /etc/qianzhi /etc/systemd/system/qianzhi-[ap]* /var/lib/qianzhi* /var/backups/qianzhi 2> /dev/null | wc -l)"
echo "purge.user=$(id qianzhi-agent 2> /dev/null)"
