# shellcheck shell=sh
# What is looked at before anything changes. Sourced by install.sh.
# shellcheck disable=SC2154 # here, root, base, … are install.sh's

check_machine() {
  if [ "$(uname -s)" != Linux ] || [ "$(uname -m)" != x86_64 ]; then
    die 2 "本归档只能用于 linux-x64,这里是 $(uname -s) $(uname -m)" "this archive is for linux-x64, here is $(uname -s) $(uname -m)" \
      '请在该平台上执行 npm run bundle 另做归档' 'make an archive on such a machine by npm run bundle'
  fi
  check_glibc
  [ -z "$rooted" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    die 4 '须以 root 执行' 'root is needed' 'sudo sh install.sh;试装:sh install.sh --root 文件夹' 'sudo sh install.sh; to try it: sh install.sh --root DIR'
  fi
  if [ ! -d /run/systemd/system ] || ! command -v systemctl > /dev/null; then
    die 2 '本机没有运行 systemd' 'systemd does not run here' '不登记服务地安装:sh install.sh --root 文件夹' 'to install without a service: sh install.sh --root DIR'
  fi
}

check_glibc() {
  needed=$(cat "$here/GLIBC")
  found=$(glibc_version)
  case $found in
    [0-9]*.[0-9]*) ;;
    *)
      die 2 '本机没有 glibc(例如 Alpine),不能运行' 'there is no glibc here (Alpine, for one): it cannot run' \
        "换用 glibc ≥ $needed 的系统后执行 sh install.sh" "use a system with glibc ≥ $needed, then sh install.sh"
      ;;
  esac
  if [ "$(printf '%s\n' "$needed" "$found" | sort -V | head -n 1)" != "$needed" ]; then
    die 2 "本机 glibc $found,需要 ≥ $needed" "glibc here is $found, ≥ $needed is needed" \
      '在 glibc 相同或更旧的机器上执行 npm run bundle 另做归档' 'make an archive by npm run bundle on a machine with the same glibc or an older one'
  fi
}

# Empty where none is found.
glibc_version() {
  said=$(getconf GNU_LIBC_VERSION 2> /dev/null) || said=''
  case $said in
    'glibc '*) printf '%s\n' "${said#glibc }" && return ;;
  esac
  # getconf is no part of coreutils; the library tells its version when it is run
  for library in /lib/x86_64-linux-gnu/libc.so.6 /lib64/libc.so.6 /usr/lib64/libc.so.6; do
    [ -x "$library" ] || continue
    said=$("$library" | head -n 1)
    said=${said##*version }
    printf '%s\n' "${said%.}"
    return
  done
}

# check_sums FOLDER: every file of a version is there and unchanged.
check_sums() {
  if [ ! -s "$1/SHA256SUMS" ] || ! (cd "$1" && sha256sum --check --strict --quiet SHA256SUMS) >&2; then
    die 9 "$1 的文件缺失或被改动" "files of $1 are missing or changed" \
      '重新复制归档,核对 .sha256 文件,解开后再执行 sh install.sh' 'copy the archive again, compare it with its .sha256 file, unpack it and run sh install.sh'
  fi
}

check_space() {
  size=0
  [ "$action" != install ] || size=$(($(du -sk "$here" | cut -f 1) + 51200))
  require_free "$base" "$size"
  [ -n "$backup" ] && [ -n "$from" ] || return 0
  size=51200
  for role in $(installed_roles); do
    [ ! -d "$state/qianzhi-$role" ] || size=$((size + $(du -sk "$state/qianzhi-$role" | cut -f 1)))
  done
  require_free "$backups" "$size"
}

# require_free FOLDER KIB; the folder need not be there yet
require_free() {
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  free=$(df -k --output=avail "$folder" | tail -n 1)
  [ "$free" -lt "$2" ] || return 0
  die 7 "$1 空间不足:可用 $((free / 1024)) MB,需要 $(($2 / 1024)) MB" "too little space for $1: $((free / 1024)) MB free, $(($2 / 1024)) MB needed" \
    "清理后再执行 sh install.sh;备份已另行做好时可加 --no-backup" 'free some, then sh install.sh; with a backup of your own, --no-backup'
}

not_installed() {
  die 5 "$base 中没有安装" "nothing is installed in $base" '安装:sh install.sh' 'to install: sh install.sh'
}
