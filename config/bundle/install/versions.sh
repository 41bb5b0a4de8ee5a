# shellcheck shell=sh
# Versions side by side, the link that says which one is in use, and the way back. Sourced by install.sh.
# shellcheck disable=SC2154 # here, version, root, base, … are install.sh's

staged='' changing='' from=''

# Empty where nothing is installed.
installed_version() {
  [ ! -L "$base/current" ] || basename "$(readlink "$base/current")"
}

previous_version() {
  [ ! -s "$base/previous" ] || cat "$base/previous"
}

list_versions() {
  for each in "$base"/versions/*; do [ ! -d "$each" ] || printf '%s ' "${each##*/}"; done
}

# One installer at a time; from here on `undo` leaves what was there before.
begin() {
  mkdir -p "$base/versions"
  if ! mkdir "$base/.installing" 2> /dev/null; then
    holder=$(cat "$base/.installing/pid" 2> /dev/null) || holder=''
    if [ -z "$holder" ] || kill -0 "$holder" 2> /dev/null; then
      die 6 "另一个安装正在进行${holder:+(进程 $holder)}" "another installation is going on${holder:+ (process $holder)}" \
        "等它结束;若已不在运行:rm -r $base/.installing" "wait for it; if it runs no more: rm -r $base/.installing"
    fi
  fi
  printf '%s\n' $$ > "$base/.installing/pid"
  trap undo EXIT
  trap 'exit 130' INT TERM HUP
}

undo() {
  code=$?
  trap - EXIT
  trap '' INT TERM HUP
  set +e
  [ -z "$staged" ] || rm -rf "$staged"
  if [ -n "$changing" ]; then
    if [ -n "$from" ]; then
      put_link "versions/$from"
      put_units "$base/versions/$from"
      return_state
      start_again_as_before
      say "· 已回到 $from" "· back at $from" >&2
    else
      rm -f "$base/current"
      remove_units
    fi
  fi
  rm -rf "$base/.installing"
  exit "$code"
}

# Brings this version under versions/, whole or not at all: copied aside, read back, tried, renamed.
stage() {
  place=$base/versions/$version
  if [ -d "$place" ]; then
    if [ "$place" = "$here" ]; then return; fi
    if ! [ "$(cat "$place/SHA256SUMS")" = "$(cat "$here/SHA256SUMS")" ]; then
      die 6 "版本 $version 已安装,而内容不同" "version $version is installed with other content" \
        '以另一个版本号打包:npm run bundle -- --version X.Y.Z' 'bundle it under another number: npm run bundle -- --version X.Y.Z'
    fi
    if (cd "$place" && sha256sum --check --status SHA256SUMS); then return; fi
    tell "$place 已损坏,重新写入" "$place is damaged: written anew"
  fi
  # one that was killed may still have a child that copies: a name of one's own
  for each in "$base"/versions/.incoming-*; do rm -rf "$each" 2> /dev/null || :; done
  staged=$base/versions/.incoming-$version-$$
  tell "复制到 $place" "copying to $place"
  cp -R "$here" "$staged"
  chmod -R u=rwX,go=rX "$staged"
  chown -R 0:0 "$staged" 2> /dev/null || [ "$(id -u)" != 0 ]
  check_sums "$staged"
  try_version "$staged"
  sync -f "$staged" 2> /dev/null || sync
  if [ -d "$place" ]; then
    mv -T "$place" "$base/versions/.damaged-$version"
    mv -T "$staged" "$place"
    rm -rf "$base/versions/.damaged-$version"
  else
    mv -T "$staged" "$place"
  fi
  staged=''
}

# try_version FOLDER: its Node.js starts here and loads every native module.
try_version() {
  # shellcheck disable=SC2016 # JavaScript
  if ! "$1/runtime/bin/node" -e '
    const [folder, list] = process.argv.slice(1);
    for (const file of list.trim().split("\n")) process.dlopen({ exports: {} }, `${folder}/${file}`);
  ' "$1" "$(cat "$1/NATIVE")" >&2; then
    die 2 "版本 $version 不能在本机运行" "version $version does not run on this machine" \
      '按上面的原因处理(常见:glibc 或 libstdc++ 太旧),再执行 sh install.sh' 'see the reason above (often an old glibc or libstdc++), then sh install.sh'
  fi
}

# put_link TARGET: one rename moves `current`.
put_link() {
  rm -f "$base/.current"
  ln -s "$1" "$base/.current"
  mv -T "$base/.current" "$base/current"
}
