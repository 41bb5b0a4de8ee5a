#!/bin/sh
# Installs, upgrades, rolls back and removes qianzhi. POSIX sh; beside the shell it needs coreutils alone, and systemd
# unless --root is given. Nothing is fetched.
set -eu
umask 022

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
version=$(cat "$here/VERSION")
root='' roles='' action=install target='' url='' purge='' backup=yes

case ${QZ_LANG:-${LC_ALL:-${LANG:-zh}}} in en* | C* | POSIX) QZ_LANG=en ;; *) QZ_LANG=zh ;; esac
export QZ_LANG LC_ALL=C

# say CHINESE ENGLISH
say() {
  if [ "$QZ_LANG" = en ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}
tell() { say "· $1" "· $2"; }
# die EXIT-CODE CHINESE ENGLISH CHINESE-HINT ENGLISH-HINT; codes as those of the qianzhi command
die() {
  { say "✗ $2" "✗ $3"; say "  $4" "  $5"; } >&2
  exit "$1"
}

usage() {
  cat <<'HELP'
用法 / usage:  sh install.sh [选项 / options]

安装或升级;各版本并存于 /opt/qianzhi/versions,current 指向所用的一个。
Installs or upgrades; versions lie side by side in /opt/qianzhi/versions, `current` points to the one in use.

  --agent             前置机(默认) / the front-end agent (default)
  --platform          中心平台;可与 --agent 同用 / the platform; may go with --agent
  --url URL           写入新 agent.yaml 的平台地址 / address of the platform, for a new agent.yaml
  --no-backup         升级前不备份状态(已另行备份时) / no backup of the state before the change
  --rollback [版本]   回到上一个版本,或所给的版本 / back to the previous version, or the one given
  --uninstall         卸载程序;配置、状态与备份保留 / remove the programs; config, state and backups stay
  --purge             同 --uninstall,并删除配置、状态、备份与用户
                      like --uninstall, and config, state, backups and users go too
  --root 文件夹       一切放在该文件夹之下,不启动服务(制作镜像、试装)
                      --root DIR: everything below DIR, no service is started (images, trials)
  --help              本说明 / this text

示例 / examples
  sh install.sh --url https://exchange.example.gov.cn
  sh install.sh --platform
  sh /opt/qianzhi/current/install.sh --rollback
  sh /opt/qianzhi/current/install.sh --uninstall

先检查再动手:体系结构、glibc、剩余空间、SHA256SUMS、已有的安装、状态结构;中途失败则旧版本照旧运行。
Architecture, glibc, free space, SHA256SUMS, the existing installation and the structure of the state are checked
before anything changes; after a failure in the middle the old version goes on running.
HELP
}

wrong_usage() {
  die 2 "选项不对:$1" "wrong option: $1" '用法:sh install.sh --help' 'usage: sh install.sh --help'
}

while [ $# -gt 0 ]; do
  case $1 in
    --agent) roles="$roles agent" ;;
    --platform) roles="$roles platform" ;;
    --url | --root)
      [ $# -gt 1 ] || wrong_usage "$1"
      if [ "$1" = --url ]; then url=$2; else root=$2; fi
      shift
      ;;
    --no-backup) backup='' ;;
    --rollback)
      action=rollback
      case ${2:-} in '' | -*) ;; *) target=$2 && shift ;; esac
      ;;
    --uninstall) action=uninstall ;;
    --purge) action=uninstall purge=yes ;;
    --help | -h) usage && exit 0 ;;
    *) wrong_usage "$1" ;;
  esac
  shift
done
case $url in
  '' | http://* | https://*) ;;
  *) wrong_usage "--url $url" ;;
esac
case $url in *[!A-Za-z0-9:/._~%@[-]*) wrong_usage "--url $url" ;; esac

if [ -n "$root" ]; then
  mkdir -p -- "$root"
  root=$(CDPATH='' cd -- "$root" && pwd -P)
  [ "$root" != / ] || root=''
  rooted=yes
else
  rooted=''
fi
base=$root/opt/qianzhi
etc=$root/etc/qianzhi
units=$root/etc/systemd/system
state=$root/var/lib
backups=$root/var/backups/qianzhi
command=$root/usr/local/bin/qianzhi

# shellcheck source=install/checks.sh
. "$here/install/checks.sh"
# shellcheck source=install/versions.sh
. "$here/install/versions.sh"
# shellcheck source=install/state.sh
. "$here/install/state.sh"
# shellcheck source=install/services.sh
. "$here/install/services.sh"

install() {
  check_machine
  check_sums "$here"
  [ -n "$roles" ] || roles=$(installed_roles)
  [ -n "$roles" ] || roles=agent
  for role in $(installed_roles); do
    case " $roles " in *" $role "*) ;; *) roles="$roles $role" ;; esac
  done
  from=$(installed_version)
  check_space
  begin
  stage
  change_to "$version"
  next_steps
}

rollback() {
  check_machine
  from=$(installed_version)
  [ -n "$from" ] || not_installed
  [ -n "$target" ] || target=$(previous_version)
  if [ -z "$target" ] || [ "$target" = "$from" ] || [ ! -d "$base/versions/$target" ]; then
    die 5 "没有可回到的版本${target:+ $target};现有:$(list_versions)" "no version ${target:+$target }to go back to; there are: $(list_versions)" \
      "指定一个:sh install.sh --rollback 版本" 'name one: sh install.sh --rollback VERSION'
  fi
  check_sums "$base/versions/$target"
  roles=$(installed_roles)
  check_space
  begin
  change_to "$target"
}

# Everything that can be refused comes before the link moves; moving it is one rename.
change_to() {
  to=$1
  program=$base/versions/$to
  if [ "$from" != "$to" ]; then
    check_state
    changing=yes
    save_state
  fi
  changing=yes
  make_users
  put_units "$program"
  put_config
  put_link "versions/$to"
  put_command
  start_again
  [ -z "$from" ] || [ "$from" = "$to" ] || printf '%s\n' "$from" > "$base/previous"
  changing=''
  sync -f "$base" 2> /dev/null || sync
  say "✓ qianzhi $to 已就绪${from:+(此前 $from)}" "✓ qianzhi $to is in place${from:+ (before: $from)}"
}

main() {
  case $action in
    install) install ;;
    rollback) rollback ;;
    uninstall) uninstall ;;
  esac
}
main
