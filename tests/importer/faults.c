/* LD_PRELOAD: the n-th call that changes something below a folder fails in a chosen way, or ends the process.
 *
 * faults_arm(folder, kind, n) begins to count, with n = 0 only to count; faults_calls() tells how many there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { KILL, TEAR, FULL_ONCE, FULL_EVER, IO_ONCE, IO_EVER, FULL_FOR_READERS };
/* a full disk refuses only what takes room */
enum need { ROOM, NO_ROOM };

static char folder[PATH_MAX];
static enum kind kind;
static long at, calls;
static int armed;

void faults_arm(const char *below, int which, long n)
{
    snprintf(folder, sizeof folder, "%s", below);
    kind = (enum kind)which;
    at = n;
    calls = 0;
    armed = 1;
}

void faults_disarm(void) { armed = 0; }

long faults_calls(void) { return calls; }

/* A reader first truncates the -shm file that it then fills, and the -wal file that an import removed left room. */
static int is_spared(const char *path)
{
    size_t length = strlen(path);
    const char *end = path + length - (length < 4 ? length : 4);
    return kind == FULL_FOR_READERS && (!strcmp(end, "-shm") || !strcmp(end, "-wal"));
}

static int is_below(const char *path)
{
    size_t length = strlen(folder);
    int below = strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
    return below && !is_spared(path);
}

static int is_file_below(int fd)
{
    char name[64], path[PATH_MAX];
    ssize_t length;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    length = readlink(name, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = '\0';
    return is_below(path);
}

static int is_path_below(int directory, const char *path)
{
    char whole[PATH_MAX], name[64];
    ssize_t length;
    if (path[0] == '/')
        return is_below(path);
    if (directory == AT_FDCWD)
        return getcwd(whole, sizeof whole) && is_below(whole);
    snprintf(name, sizeof name, "/proc/self/fd/%d", directory);
    length = readlink(name, whole, sizeof whole - 1);
    if (length < 0)
        return 0;
    whole[length] = '\0';
    return is_below(whole);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* 0: go on; 1: the call fails with errno; 2: write half of it, then die */
static int fault(enum need need)
{
    int full = kind == FULL_ONCE || kind == FULL_EVER || kind == FULL_FOR_READERS;
    int ever = kind == FULL_EVER || kind == IO_EVER || kind == FULL_FOR_READERS;
    if (full && need == NO_ROOM)
        return 0;
    calls++;
    if (!at || calls < at || (calls > at && !ever))
        return 0;
    if (kind == KILL)
        die();
    if (kind == TEAR)
        return 2;
    errno = full ? ENOSPC : EIO;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define COUNTED(fd, need) (armed && is_file_below(fd) ? fault(need) : 0)
#define DIES(what) \
    do { \
        if ((what) == 2) \
            die(); \
        else if ((what) == 1) \
            return -1; \
    } while (0)

ssize_t write(int fd, const void *data, size_t size)
{
    int what = COUNTED(fd, ROOM);
    if (what == 2)
        REAL(write)(fd, data, size / 2);
    DIES(what);
    return REAL(write)(fd, data, size);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int fd, const void *data, size_t size, offset_type offset) \
    { \
        int what = COUNTED(fd, ROOM); \
        if (what == 2) \
            REAL(name)(fd, data, size / 2, offset); \
        DIES(what); \
        return REAL(name)(fd, data, size, offset); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define OF_FILE(name, need, declared, given, fd) \
    int name declared \
    { \
        int what = COUNTED(fd, need); \
        DIES(what); \
        return REAL(name) given; \
    }
OF_FILE(fsync, NO_ROOM, (int fd), (fd), fd)
OF_FILE(fdatasync, NO_ROOM, (int fd), (fd), fd)
OF_FILE(ftruncate, ROOM, (int fd, off_t size), (fd, size), fd)
OF_FILE(ftruncate64, ROOM, (int fd, off64_t size), (fd, size), fd)

/* a file that is there takes no room when it is opened */
static enum need need_of(int directory, const char *path, int flags)
{
    return (flags & O_CREAT) && faccessat(directory, path, F_OK, 0) ? ROOM : NO_ROOM;
}

#define OPEN(name, declared, directory, given) \
    int name declared \
    { \
        mode_t mode = 0; \
        int what; \
        if (flags & (O_CREAT | __O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        what = armed && is_path_below(directory, path) ? fault(need_of(directory, path, flags)) : 0; \
        DIES(what); \
        return REAL(name) given; \
    }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD, (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, (path, flags, mode))
OPEN(openat, (int directory, const char *path, int flags, ...), directory, (directory, path, flags, mode))
OPEN(openat64, (int directory, const char *path, int flags, ...), directory, (directory, path, flags, mode))

int unlink(const char *path)
{
    int what = armed && is_path_below(AT_FDCWD, path) ? fault(NO_ROOM) : 0;
    DIES(what);
    return REAL(unlink)(path);
}

int rename(const char *from, const char *to)
{
    int what = armed && is_path_below(AT_FDCWD, to) ? fault(ROOM) : 0;
    DIES(what);
    return REAL(rename)(from, to);
}
