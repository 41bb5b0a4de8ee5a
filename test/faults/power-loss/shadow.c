/*
 * A file layer for LD_PRELOAD that remembers what a loss of power takes.
 *
 * Under QZ_SHADOW_ROOT every write goes through, and before it what it overwrites is put into a log of this
 * process below QZ_SHADOW_LOG; every fsync is noted there and not carried out. From the logs of all processes
 * (see timeline.ts) the files of any moment can be made, with all that was not yet fsynced at that moment gone:
 * bytes of a file by an fsync of the file, a name by an fsync of its folder.
 *
 * Each file written gets a second name in `pins`, so that none goes away and no inode number is used twice.
 * Only raw system calls are made here: nothing in this file comes back to it.
 *
 * QZ_SHADOW_FAULTS names a file of lines `ERRNO call pattern`, read again whenever it changed; call is write (which
 * includes making files, names and folders) or fsync, pattern a shell pattern over the path below the root.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum record { WRITE = 1, TRUNCATE, SYNC, ADD, REMOVE, CANCEL, UNSEEN, MAKE };

/* All numbers little endian; `data` of `length` bytes follows. */
struct header {
  uint64_t at; /* CLOCK_MONOTONIC, ns: one order for all processes */
  uint32_t record;
  uint32_t length;
  uint64_t inode;  /* file; of ADD and REMOVE the folder */
  uint64_t offset; /* of ADD and REMOVE the inode named */
  uint64_t size;   /* of the file before; of ADD and REMOVE 1 for a folder */
};

static char root[PATH_MAX];
static size_t root_length;
static char pins[PATH_MAX];
static char faults[PATH_MAX];
static int log_fd = -1;
static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static uint64_t last_at;

static void fail(const char *what) {
  dprintf(2, "shadow: %s: %s\n", what, strerror(errno));
  _exit(70);
}

__attribute__((constructor)) static void start(void) {
  const char *r = getenv("QZ_SHADOW_ROOT"), *l = getenv("QZ_SHADOW_LOG"), *f = getenv("QZ_SHADOW_FAULTS");
  if (!r || !l) return;
  char path[PATH_MAX];
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  snprintf(pins, sizeof pins, "%s/pins", l);
  if (f) snprintf(faults, sizeof faults, "%s", f);
  snprintf(path, sizeof path, "%s/logs/%d-%ld%09ld", l, (int)getpid(), (long)now.tv_sec, now.tv_nsec);
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) fail(path);
  log_fd = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
  if (log_fd < 0) fail("fcntl");
  syscall(SYS_close, fd);
  snprintf(root, sizeof root, "%s", r);
  root_length = strlen(root);
}

/* ---- the log ---- */

static struct header header_of(enum record record, uint64_t inode, uint64_t offset, uint64_t size) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t at = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  if (at <= last_at) at = last_at + 1;
  last_at = at;
  return (struct header){.at = at, .record = record, .inode = inode, .offset = offset, .size = size};
}

/* One system call for all parts: a kill leaves a record whole or, at the end of a log, cut off. */
static void put(struct iovec *parts, int count) {
  size_t wanted = 0;
  for (int i = 0; i < count; i++) wanted += parts[i].iov_len;
  if (syscall(SYS_writev, log_fd, parts, count) != (ssize_t)wanted) fail("log");
}

static uint64_t note(enum record record, uint64_t inode, uint64_t offset, uint64_t size, const void *data, size_t length) {
  struct header header = header_of(record, inode, offset, size);
  header.length = length;
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)data, length}};
  put(parts, 2);
  return header.at;
}

static void cancel(uint64_t at) { note(CANCEL, at, 0, 0, NULL, 0); }

/* What a call does that this file does not follow; the reader of the logs refuses it. */
static void unseen(const char *what) {
  pthread_mutex_lock(&mutex);
  note(UNSEEN, 0, 0, 0, what, strlen(what));
  pthread_mutex_unlock(&mutex);
}

/* ---- what is watched ---- */

static int below_root(const char *path) {
  return root_length && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || !path[root_length]);
}

static int path_of_fd(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return 1;
}

static int stat_of_fd(int fd, struct stat *found) { return syscall(SYS_fstat, fd, found) == 0; }

/* Keeps errno: it is asked on the way of calls that may be none of ours. */
static int watched(int fd, struct stat *found, char *path) {
  if (!root_length) return 0;
  int before = errno;
  int answer = stat_of_fd(fd, found) && (S_ISREG(found->st_mode) || S_ISDIR(found->st_mode)) &&
               path_of_fd(fd, path) && below_root(path);
  errno = before;
  return answer;
}

/* A name in a folder: the folder held open, and what the name names now (inode 0: nothing). */
struct entry {
  int folder;
  uint64_t folder_inode;
  const char *name;
  uint64_t inode;
  int is_folder;
  char path[PATH_MAX];
};

/* 1 when the name is watched; then the caller leaves the entry. */
static int enter(int at, const char *path, struct entry *entry) {
  if (!root_length || !path || !*path) return 0;
  int before = errno;
  char parent[PATH_MAX];
  size_t length = strlen(path);
  if (length >= sizeof parent) return 0;
  while (length > 1 && path[length - 1] == '/') length--;
  size_t cut = length;
  while (cut > 0 && path[cut - 1] != '/') cut--;
  snprintf(parent, sizeof parent, "%.*s", cut ? (int)cut : 1, cut ? path : ".");
  static __thread char names[4][NAME_MAX + 1];
  static __thread unsigned next;
  char *name = names[next++ % 4];
  snprintf(name, NAME_MAX + 1, "%.*s", (int)(length - cut), path + cut);
  entry->name = name;
  entry->folder = syscall(SYS_openat, at, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct stat found;
  if (entry->folder < 0 || !path_of_fd(entry->folder, entry->path) || !below_root(entry->path) ||
      !stat_of_fd(entry->folder, &found)) {
    if (entry->folder >= 0) syscall(SYS_close, entry->folder);
    errno = before;
    return 0;
  }
  size_t end = strlen(entry->path);
  snprintf(entry->path + end, sizeof entry->path - end, "/%s", name);
  entry->folder_inode = found.st_ino;
  entry->inode = 0;
  entry->is_folder = 0;
  if (syscall(SYS_newfstatat, entry->folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
    entry->inode = found.st_ino;
    entry->is_folder = S_ISDIR(found.st_mode);
  }
  errno = before;
  return 1;
}

static void leave(struct entry *entry) {
  int before = errno;
  syscall(SYS_close, entry->folder);
  errno = before;
}

static void look_again(struct entry *entry) {
  struct stat found;
  if (syscall(SYS_newfstatat, entry->folder, entry->name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
    entry->inode = found.st_ino;
    entry->is_folder = S_ISDIR(found.st_mode);
  }
}

static uint64_t note_name(enum record record, const struct entry *entry, uint64_t inode, int is_folder) {
  return note(record, entry->folder_inode, inode, (uint64_t)is_folder, entry->name, strlen(entry->name));
}

static void pin_fd(int fd, uint64_t inode) {
  char from[64], to[PATH_MAX + 32];
  int before = errno;
  snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
  snprintf(to, sizeof to, "%s/%llu", pins, (unsigned long long)inode);
  if (syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST && errno != ENOENT)
    fail(to);
  errno = before;
}

static void pin_entry(const struct entry *entry) {
  char to[PATH_MAX + 32];
  if (!entry->inode || entry->is_folder) return;
  int before = errno;
  snprintf(to, sizeof to, "%s/%llu", pins, (unsigned long long)entry->inode);
  if (syscall(SYS_linkat, entry->folder, entry->name, AT_FDCWD, to, 0) != 0 && errno != EEXIST && errno != ENOENT)
    fail(to);
  errno = before;
}

/* ---- faults ---- */

static int code_of(const char *name) {
  if (!strcmp(name, "EIO")) return EIO;
  if (!strcmp(name, "ENOSPC")) return ENOSPC;
  if (!strcmp(name, "EDQUOT")) return EDQUOT;
  if (!strcmp(name, "EROFS")) return EROFS;
  return EINVAL;
}

/* The error this call is to fail with, 0 for none. */
static int fault(const char *call, const char *path) {
  static char text[4096];
  static struct timespec read_at;
  static off_t read_size = -1;
  if (!faults[0]) return 0;
  int before = errno, answer = 0;
  struct stat found;
  pthread_mutex_lock(&mutex);
  if (syscall(SYS_newfstatat, AT_FDCWD, faults, &found, 0) != 0) {
    text[0] = 0;
    read_size = -1;
  } else if (found.st_size != read_size || found.st_mtim.tv_nsec != read_at.tv_nsec ||
             found.st_mtim.tv_sec != read_at.tv_sec) {
    int fd = syscall(SYS_openat, AT_FDCWD, faults, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : syscall(SYS_read, fd, text, sizeof text - 1);
    if (fd >= 0) syscall(SYS_close, fd);
    text[length < 0 ? 0 : length] = 0;
    read_at = found.st_mtim;
    read_size = found.st_size;
  }
  char copy[sizeof text];
  memcpy(copy, text, sizeof text);
  pthread_mutex_unlock(&mutex);
  const char *below = path[root_length] ? path + root_length + 1 : "";
  char *rest, *line = strtok_r(copy, "\n", &rest);
  for (; line && !answer; line = strtok_r(NULL, "\n", &rest)) {
    char code[16], what[16], pattern[512];
    if (sscanf(line, "%15s %15s %511s", code, what, pattern) != 3) continue;
    if (!strcmp(what, call) && fnmatch(pattern, below, 0) == 0) answer = code_of(code);
  }
  errno = before;
  return answer;
}

/* ---- bytes ---- */

static void note_overwritten(int fd, const struct stat *found, enum record record, uint64_t offset, size_t length) {
  uint64_t size = found->st_size;
  size_t old = offset >= size ? 0 : size - offset < length ? size - offset : length;
  char *bytes = old ? malloc(old) : NULL;
  if (old && !bytes) fail("malloc");
  for (size_t done = 0; done < old;) {
    ssize_t got = syscall(SYS_pread64, fd, bytes + done, old - done, offset + done);
    if (got <= 0) fail("reading what is overwritten");
    done += got;
  }
  note(record, found->st_ino, offset, size, bytes, old);
  free(bytes);
}

/* `offset` -1: where the file stands. */
static ssize_t write_all(int fd, const struct iovec *parts, int count, off_t offset) {
  struct stat found;
  char path[PATH_MAX];
  if (!watched(fd, &found, path) || !S_ISREG(found.st_mode))
    return offset < 0 ? syscall(SYS_writev, fd, parts, count)
                      : syscall(SYS_pwritev, fd, parts, count, (long)offset, (long)0);
  int code = fault("write", path);
  if (code) {
    errno = code;
    return -1;
  }
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  pthread_mutex_lock(&mutex);
  stat_of_fd(fd, &found);
  off_t start = offset;
  if (start < 0)
    start = syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND ? found.st_size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
  note_overwritten(fd, &found, WRITE, start, length);
  ssize_t done = offset < 0 ? syscall(SYS_writev, fd, parts, count)
                            : syscall(SYS_pwritev, fd, parts, count, (long)offset, (long)0);
  int after = errno;
  pthread_mutex_unlock(&mutex);
  errno = after;
  return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct stat found;
  char path[PATH_MAX];
  if (!watched(fd, &found, path)) return syscall(SYS_write, fd, bytes, length);
  struct iovec part = {(void *)bytes, length};
  return write_all(fd, &part, 1, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  struct iovec part = {(void *)bytes, length};
  return write_all(fd, &part, 1, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return pwrite(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) { return write_all(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return write_all(fd, parts, count, offset);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return write_all(fd, parts, count, offset);
}

int ftruncate(int fd, off_t size) {
  struct stat found;
  char path[PATH_MAX];
  if (!watched(fd, &found, path)) return syscall(SYS_ftruncate, fd, size);
  int code = size > found.st_size ? fault("write", path) : 0;
  if (code) {
    errno = code;
    return -1;
  }
  pthread_mutex_lock(&mutex);
  stat_of_fd(fd, &found);
  note_overwritten(fd, &found, TRUNCATE, size, found.st_size > size ? found.st_size - size : 0);
  int done = syscall(SYS_ftruncate, fd, size);
  int after = errno;
  pthread_mutex_unlock(&mutex);
  errno = after;
  return done;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int posix_fallocate(int fd, off_t offset, off_t length) {
  struct stat found;
  if (!stat_of_fd(fd, &found)) return errno;
  return offset + length <= found.st_size || ftruncate(fd, offset + length) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
  struct stat found;
  char path[PATH_MAX];
  if (watched(fd, &found, path)) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return syscall(SYS_fallocate, fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }

/* Copies inside the kernel: "not here", and the caller copies by read and write. */
ssize_t copy_file_range(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t length, unsigned flags) {
  struct stat found;
  char path[PATH_MAX];
  if (watched(out, &found, path)) {
    errno = ENOSYS;
    return -1;
  }
  return syscall(SYS_copy_file_range, in, in_offset, out, out_offset, length, flags);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t length) {
  struct stat found;
  char path[PATH_MAX];
  if (watched(out, &found, path)) {
    errno = EINVAL;
    return -1;
  }
  return syscall(SYS_sendfile, out, in, offset, length);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t length) { return sendfile(out, in, offset, length); }

/* ---- fsync ---- */

static int sync_fd(int fd, int call) {
  struct stat found;
  char path[PATH_MAX];
  if (!watched(fd, &found, path)) return syscall(call, fd);
  int code = fault("fsync", path);
  if (code) {
    errno = code;
    return -1;
  }
  const char *below = path[root_length] ? path + root_length + 1 : "";
  pthread_mutex_lock(&mutex);
  note(SYNC, found.st_ino, 0, S_ISDIR(found.st_mode), below, strlen(below));
  pthread_mutex_unlock(&mutex);
  return 0;
}

int fsync(int fd) { return sync_fd(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_fd(fd, SYS_fdatasync); }

/* Promises nothing after a loss of power; sync() and syncfs() do, and none of ours calls them. */
int sync_file_range(int fd, off64_t offset, off64_t length, unsigned flags) {
  struct stat found;
  char path[PATH_MAX];
  if (watched(fd, &found, path)) return 0;
  return syscall(SYS_sync_file_range, fd, offset, length, flags);
}
void sync(void) {
  if (root_length) unseen("sync");
  syscall(SYS_sync);
}

/* ---- names ---- */

static int open_at(int at, const char *path, int flags, mode_t mode) {
  int writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
  if (!root_length || !writes || flags & O_PATH) return syscall(SYS_openat, at, path, flags, mode);
  pthread_mutex_lock(&mutex);
  struct entry entry;
  int ours = enter(at, path, &entry), with = flags, creates = 0, code = 0;
  if (ours) {
    if ((flags & O_TMPFILE) == O_TMPFILE) unseen("O_TMPFILE");
    creates = flags & O_CREAT && !entry.inode;
    code = creates || flags & O_TRUNC ? fault("write", entry.path) : 0;
    /* read access, to see what is overwritten */
    with = (flags & ~O_TRUNC & ~O_ACCMODE) | ((flags & O_ACCMODE) == O_RDONLY ? O_RDONLY : O_RDWR);
  }
  if (creates && !code) note_name(MAKE, &entry, 0, 0);
  int fd = code ? -1 : (int)syscall(SYS_openat, at, path, with, mode);
  int after = code ? code : errno;
  struct stat found;
  if (ours && fd >= 0 && stat_of_fd(fd, &found) && S_ISREG(found.st_mode)) {
    pin_fd(fd, found.st_ino);
    if (creates) note_name(ADD, &entry, found.st_ino, 0);
    if (flags & O_TRUNC && found.st_size > 0) {
      note_overwritten(fd, &found, TRUNCATE, 0, found.st_size);
      syscall(SYS_ftruncate, fd, 0);
    }
  }
  if (ours) leave(&entry);
  pthread_mutex_unlock(&mutex);
  errno = after;
  return fd;
}

#define MODE(flags)                                  \
  mode_t mode = 0;                                   \
  if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list rest;                                    \
    va_start(rest, flags);                           \
    mode = va_arg(rest, mode_t);                     \
    va_end(rest);                                    \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int at, const char *path, int flags, ...) {
  MODE(flags)
  return open_at(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  MODE(flags)
  return open_at(at, path, flags | O_LARGEFILE, mode);
}
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) {
  struct entry source, target;
  if (!enter(at, from, &source)) return syscall(SYS_renameat2, at, from, to_at, to, flags);
  if (!enter(to_at, to, &target)) {
    unseen("rename out of the root");
    leave(&source);
    return syscall(SYS_renameat2, at, from, to_at, to, flags);
  }
  if (flags) unseen("renameat2");
  int code = fault("write", target.path);
  int done = -1, after = code;
  if (!code) {
    pthread_mutex_lock(&mutex);
    pin_entry(&source);
    pin_entry(&target);
    uint64_t noted[3] = {0};
    if (source.inode) {
      noted[0] = note_name(REMOVE, &source, source.inode, source.is_folder);
      if (target.inode) noted[1] = note_name(REMOVE, &target, target.inode, target.is_folder);
      noted[2] = note_name(ADD, &target, source.inode, source.is_folder);
    }
    done = syscall(SYS_renameat2, at, from, to_at, to, flags);
    after = errno;
    for (int i = 0; done != 0 && i < 3; i++)
      if (noted[i]) cancel(noted[i]);
    pthread_mutex_unlock(&mutex);
  }
  leave(&source);
  leave(&target);
  errno = after;
  return done;
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int at, const char *from, int to_at, const char *to) { return renameat2(at, from, to_at, to, 0); }

static int is_empty(const struct entry *entry) {
  char names[1024];
  int fd = syscall(SYS_openat, entry->folder, entry->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return 0;
  /* `.` and `..` are 24 bytes each; any other name needs 24 more */
  long length = syscall(SYS_getdents64, fd, names, sizeof names);
  syscall(SYS_close, fd);
  return length >= 0 && length <= 48;
}

/* A folder is moved away instead, so that its inode number is not given to another. */
static int remove_folder(const struct entry *entry) {
  char away[PATH_MAX + 32];
  if (!is_empty(entry)) {
    errno = ENOTEMPTY;
    return -1;
  }
  snprintf(away, sizeof away, "%s/%llu", pins, (unsigned long long)entry->inode);
  return syscall(SYS_renameat2, entry->folder, entry->name, AT_FDCWD, away, 0);
}

int unlinkat(int at, const char *path, int flags) {
  struct entry entry;
  if (!enter(at, path, &entry)) return syscall(SYS_unlinkat, at, path, flags);
  pthread_mutex_lock(&mutex);
  pin_entry(&entry);
  uint64_t noted = entry.inode ? note_name(REMOVE, &entry, entry.inode, entry.is_folder) : 0;
  int done = flags & AT_REMOVEDIR && entry.is_folder ? remove_folder(&entry) : syscall(SYS_unlinkat, at, path, flags);
  int after = errno;
  if (done != 0 && noted) cancel(noted);
  pthread_mutex_unlock(&mutex);
  leave(&entry);
  errno = after;
  return done;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  struct stat found;
  if (syscall(SYS_newfstatat, AT_FDCWD, path, &found, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  return unlinkat(AT_FDCWD, path, S_ISDIR(found.st_mode) ? AT_REMOVEDIR : 0);
}

/*
 * What a call makes under a name is noted after it, for before it has no inode; MAKE stands for it when the process is killed
 * in between. A folder that is not there when it is looked
 * for must not be made by another thread before the call.
 */
#define MAKING(call_at, call_path, call)                          \
  if (!root_length) return call;                                  \
  pthread_mutex_lock(&mutex);                                     \
  struct entry entry;                                             \
  int ours = enter(call_at, call_path, &entry);                   \
  int code = ours ? fault("write", entry.path) : 0;               \
  if (ours && !code) note_name(MAKE, &entry, 0, 0);               \
  int done = code ? -1 : (int)call, after = code ? code : errno;  \
  if (ours && done == 0) {                                        \
    look_again(&entry);                                           \
    pin_entry(&entry);                                            \
    note_name(ADD, &entry, entry.inode, entry.is_folder);         \
  }                                                               \
  if (ours) leave(&entry);                                        \
  pthread_mutex_unlock(&mutex);                                   \
  errno = after;                                                  \
  return done;

int mkdirat(int at, const char *path, mode_t mode) { MAKING(at, path, syscall(SYS_mkdirat, at, path, mode)) }
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
int linkat(int at, const char *from, int to_at, const char *to, int flags) {
  MAKING(to_at, to, syscall(SYS_linkat, at, from, to_at, to, flags))
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int symlinkat(const char *content, int at, const char *path) {
  MAKING(at, path, syscall(SYS_symlinkat, content, at, path))
}
int symlink(const char *content, const char *path) { return symlinkat(content, AT_FDCWD, path); }

/* The C library's own would call its own mkdir and open. */
static int fill_in(char *template, size_t from) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  unsigned char random[6];
  if (syscall(SYS_getrandom, random, sizeof random, 0) != sizeof random) return 0;
  for (int i = 0; i < 6; i++) template[from + i] = letters[random[i] % 36];
  return 1;
}

char *mkdtemp(char *template) {
  size_t from = strlen(template) - 6;
  for (int tries = 0; tries < 100 && fill_in(template, from); tries++) {
    if (mkdir(template, 0700) == 0) return template;
    if (errno != EEXIST) return NULL;
  }
  return NULL;
}

int mkstemp(char *template) {
  size_t from = strlen(template) - 6;
  for (int tries = 0; tries < 100 && fill_in(template, from); tries++) {
    int fd = open_at(AT_FDCWD, template, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}
int mkstemp64(char *template) { return mkstemp(template); }

/* ---- children ---- */

/* A child that is given another environment is under this layer all the same. */
int execvp(const char *file, char *const arguments[]) {
  static int (*real)(const char *, char *const[], char *const[]);
  extern char **environ;
  static const char *names[] = {"LD_PRELOAD", "QZ_SHADOW_ROOT", "QZ_SHADOW_LOG", "QZ_SHADOW_FAULTS"};
  static char values[4][PATH_MAX + 32];
  static char *all[4096];
  int count = 0;
  if (!real) real = dlsym(RTLD_NEXT, "execvpe");
  if (root_length) {
    Dl_info self;
    dladdr((void *)execvp, &self);
    char *log = strdup(pins);
    log[strlen(log) - strlen("/pins")] = 0;
    const char *set[] = {self.dli_fname, root, log, faults};
    for (int i = 0; i < 4; i++) {
      if (!set[i][0]) continue;
      snprintf(values[i], sizeof values[i], "%s=%s", names[i], set[i]);
      all[count++] = values[i];
    }
  }
  for (char **each = environ; *each && count < 4095; each++) {
    int ours = 0;
    for (int i = 0; i < 4 && root_length; i++) {
      size_t length = strlen(names[i]);
      ours |= !strncmp(*each, names[i], length) && (*each)[length] == '=';
    }
    if (!ours) all[count++] = *each;
  }
  all[count] = NULL;
  return real(file, arguments, all);
}
