# shellcheck shell=sh
# The state of agent and platform over a change of version. Sourced by install.sh.
# shellcheck disable=SC2154 # base, etc, state, from, to, program, … are install.sh's

migrating='' stopped='' saved_agent='' saved_platform=''

# Roles whose unit is installed.
installed_roles() {
  for role in agent platform; do
    [ ! -e "$units/qianzhi-$role.service" ] || printf '%s ' "$role"
  done
}

# The version to go to says whether it can open what is there; what it would have to convert is noted.
check_state() {
  for role in $(installed_roles); do
    [ -e "$etc/$role.yaml" ] || continue
    if ! answer=$("$program/bin/qianzhi" "$role" check-state --config "$etc/$role.yaml" --json); then
      printf '%s\n' "$answer" >&2
      die 6 "版本 $to 不能使用 $role 的状态" "version $to cannot use the state of the $role" \
        "原因见上;若状态由更新的版本写成:保留该版本,或用升级前的备份还原(qianzhi $role restore --from $backups/…)后再回退" \
        "the reason is above; if a newer version wrote it: keep that version, or restore the backup made before the upgrade (qianzhi $role restore --from $backups/…), then roll back"
    fi
    case $(printf '%s' "$answer" | tr -d ' \n') in
      *'"present":false'*) ;;
      *'"current":false'*) migrating="$migrating $role" saving="${saving:-} $role" ;;
      *) saving="${saving:-} $role" ;;
    esac
  done
}

# Backs up by the version in use, while it runs; what will be converted stands still from here on, so that nothing is lost
# if the conversion has to be taken back.
save_state() {
  [ -n "$from" ] || return 0
  running=$(running_roles)
  for role in $migrating; do
    case " $running " in *" $role "*) stop_role "$role" ;; esac
  done
  [ -n "$backup" ] || return 0
  for role in ${saving:-}; do
    folder=$backups/$role-$from-$(date -u +%Y%m%dT%H%M%SZ)
    mkdir -p "$backups"
    chmod 700 "$backups"
    "$base/versions/$from/bin/qianzhi" "$role" backup --config "$etc/$role.yaml" --to "$folder"
    case $role in agent) saved_agent=$folder ;; platform) saved_platform=$folder ;; esac
  done
}

# Part of `undo`: where the version before can no longer open what the new one converted, it gets its backup again.
return_state() {
  for role in $migrating; do
    stop_role "$role"
    old=$base/versions/$from/bin/qianzhi
    if "$old" "$role" check-state --config "$etc/$role.yaml" --json > /dev/null 2>&1; then continue; fi
    case $role in agent) folder=$saved_agent ;; platform) folder=$saved_platform ;; esac
    if [ -z "$folder" ]; then
      say "✗ $role 的状态已转换且没有备份,版本 $from 不能使用" "✗ the state of the $role was converted and has no backup: version $from cannot use it" >&2
      continue
    fi
    mv -T "$state/qianzhi-$role" "$state/qianzhi-$role.converted-$(date -u +%Y%m%dT%H%M%SZ)"
    "$old" "$role" restore --config "$etc/$role.yaml" --from "$folder" >&2
  done
}
