# shellcheck shell=sh
# Units, users, configs and the command. Sourced by install.sh.
# shellcheck disable=SC2154 # here, root, base, … are install.sh's

running=''

# Roles whose service runs now.
running_roles() {
  [ -z "$rooted" ] || return 0
  for role in $(installed_roles); do
    ! systemctl is-active --quiet "qianzhi-$role" || printf '%s ' "$role"
  done
}

stop_role() {
  [ -z "$rooted" ] || return 0
  systemctl stop "qianzhi-$1"
}

make_users() {
  if [ -n "$rooted" ]; then
    # made at the first start of the image
    mkdir -p "$root/etc/sysusers.d"
    for role in $roles; do
      printf 'u qianzhi-%s - "qianzhi %s" /var/lib/qianzhi-%s\n' "$role" "$role" "$role" > "$root/etc/sysusers.d/qianzhi-$role.conf"
    done
    return
  fi
  for role in $roles; do
    id "qianzhi-$role" > /dev/null 2>&1 || useradd --system --user-group --no-create-home \
      --home-dir "/var/lib/qianzhi-$role" --shell /usr/sbin/nologin "qianzhi-$role"
  done
}

# put_units FOLDER-OF-A-VERSION
put_units() {
  mkdir -p "$units"
  for role in $roles; do
    unit=qianzhi-$role.service
    rm -rf "$units/.$unit"
    cp "$1/systemd/$unit" "$units/.$unit"
    mv -T "$units/.$unit" "$units/$unit"
    if [ -n "$rooted" ]; then
      mkdir -p "$units/multi-user.target.wants"
      ln -sf "../$unit" "$units/multi-user.target.wants/$unit"
    fi
  done
  [ -n "$rooted" ] || systemctl daemon-reload
}

remove_units() {
  for role in $(installed_roles); do
    unit=qianzhi-$role.service
    [ -n "$rooted" ] || systemctl disable --now "$unit"
    rm -f "$units/$unit" "$units/multi-user.target.wants/$unit"
  done
  [ -n "$rooted" ] || systemctl daemon-reload
}

# A config that is there is never touched. State lies below /var/lib, named from the config's own folder.
put_config() {
  mkdir -p "$etc"
  app=$base/versions/$to/app
  for role in $roles; do
    [ ! -e "$etc/$role.yaml" ] || continue
    case $role in
      agent) sample=$app/packages/cli/templates/agent.yaml ;;
      platform) sample=$app/config/samples/platform.yaml ;;
    esac
    while IFS= read -r line; do
      case $line in
        '# yaml-language-server:'*) continue ;;
        'stateDir: '*) line='stateDir: ../../var/lib/qianzhi-agent' ;;
        'dataDir: '*) line='dataDir: ../../var/lib/qianzhi-platform' ;;
        '  url: '*) [ -z "$url" ] || line="  url: $url" ;;
      esac
      printf '%s\n' "$line"
    done < "$sample" > "$etc/.$role.yaml"
    mv -T "$etc/.$role.yaml" "$etc/$role.yaml"
  done
}

put_command() {
  if [ -e "$command" ] && [ ! -L "$command" ]; then
    tell "$command 已存在且不是链接,保持原样" "$command is there and no link: left as it is"
    return
  fi
  mkdir -p "$(dirname "$command")"
  ln -sfn ../../../opt/qianzhi/current/bin/qianzhi "$command"
}

# Starts again what ran before, by the version now in use; a service that does not stay up is a failure.
start_again() {
  [ -z "$rooted" ] || return 0
  for role in $roles; do systemctl enable --quiet "qianzhi-$role"; done
  for role in $running; do
    tell "重新启动 qianzhi-$role" "starting qianzhi-$role again"
    systemctl restart "qianzhi-$role"
    if ! stays_up "qianzhi-$role"; then
      die 1 "版本 $to 的 qianzhi-$role 未能启动" "qianzhi-$role of version $to did not start" \
        "原因:journalctl -u qianzhi-$role" "the reason: journalctl -u qianzhi-$role"
    fi
  done
}

# Part of `undo`.
start_again_as_before() {
  [ -z "$rooted" ] || return 0
  for role in $running; do systemctl restart "qianzhi-$role"; done
}

# The same process for eight seconds: longer than a start that fails.
stays_up() {
  pid=$(systemctl show --property=MainPID --value "$1")
  for _ in 1 2 3 4 5 6 7 8; do
    sleep 1
    systemctl is-active --quiet "$1" || return 1
    [ "$(systemctl show --property=MainPID --value "$1")" = "$pid" ] || return 1
  done
}

next_steps() {
  for role in $roles; do
    case " $running " in *" $role "*) continue ;; esac
    case $role in
      agent) say "  前置机:编辑 $etc/agent.yaml;qianzhi enroll --token-file 令牌;qianzhi doctor;systemctl start qianzhi-agent" \
        "  agent: edit $etc/agent.yaml; qianzhi enroll --token-file FILE; qianzhi doctor; systemctl start qianzhi-agent" ;;
      platform) say "  平台:编辑 $etc/platform.yaml;systemctl start qianzhi-platform;首次启动码在 $state/qianzhi-platform/first-start-code" \
        "  platform: edit $etc/platform.yaml; systemctl start qianzhi-platform; the first-start code is in $state/qianzhi-platform/first-start-code" ;;
    esac
  done
  say "  说明 / guide: $base/current/INSTALL.zh-CN.md" "  guide: $base/current/INSTALL.md"
}

uninstall() {
  [ -d "$base" ] || [ -n "$(installed_roles)" ] || not_installed
  if [ -z "$rooted" ] && [ "$(id -u)" != 0 ]; then
    die 4 '须以 root 执行' 'root is needed' 'sudo sh install.sh --uninstall' 'sudo sh install.sh --uninstall'
  fi
  remove_units
  if [ -L "$command" ]; then
    case $(readlink "$command") in */opt/qianzhi/*) rm -f "$command" ;; esac
  fi
  rm -rf "$base"
  if [ -z "$purge" ]; then
    say "✓ 已卸载;保留 $etc、$state/qianzhi-*、$backups" "✓ removed; $etc, $state/qianzhi-* and $backups stay"
    return
  fi
  rm -rf "$etc" "$backups"
  for role in agent platform; do
    rm -rf "$state/qianzhi-$role" "$state/qianzhi-$role".converted-* "$root/etc/sysusers.d/qianzhi-$role.conf"
    [ -n "$rooted" ] || ! id "qianzhi-$role" > /dev/null 2>&1 || userdel "qianzhi-$role"
  done
  say '✓ 已卸载,配置、状态、备份与用户均已删除' '✓ removed, with config, state, backups and users'
}
