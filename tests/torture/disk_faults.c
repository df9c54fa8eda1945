/* Lets writes and syncs of files below one folder fail, as a disk would.
 *
 * Loaded before libc (LD_PRELOAD). Counts write, pwrite, writev, fsync, fdatasync and
 * ftruncate on descriptors whose path begins with the folder; those numbered `first` to
 * `first + count - 1` return -1 with `error`. With a negative count all do from `first`
 * on, for that many seconds. A disk that fills up takes half of the first write. Armed by disk_arm(), or at the start by
 * DISK_FAULT="first,count,error,folder".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;
static long first, count;
static int error;
static time_t ends;
static char folder[4096];

void disk_arm(const char *below, long from, long times, int fault) {
    strncpy(folder, below, sizeof folder - 1);
    first = from;
    count = times;
    error = fault;
    ends = 0;
    atomic_store(&calls, 0);
}

long disk_calls(void) { return atomic_load(&calls); }

__attribute__((constructor)) static void arm_from_environment(void) {
    const char *setting = getenv("DISK_FAULT");
    long from, times;
    int fault, at = 0;
    if (setting && sscanf(setting, "%ld,%ld,%d,%n", &from, &times, &fault, &at) == 3 && at)
        disk_arm(setting + at, from, times, fault);
}

static int fails(int file) {
    char link[64], path[4096];
    if (!folder[0])
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder)))
        return 0;
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (call < first || (count >= 0 && call >= first + count))
        return 0;
    if (count < 0 && !ends)
        ends = time(NULL) - count;
    if (count < 0 && time(NULL) >= ends)
        return 0;
    errno = error;
    return 1;
}

/* How much of a failing write is taken: a disk fills up in the middle of one. */
static size_t taken(size_t size) {
    int fills = error == ENOSPC && count != 1 && atomic_load(&calls) == first;
    return fills ? size / 2 : 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAULTY(type, name, parameters, arguments)                                   \
    type name parameters {                                                          \
        static __typeof__(&name) real;                                              \
        if (!real)                                                                  \
            real = NEXT(name);                                                      \
        return fails(file) ? -1 : real arguments;                                   \
    }

/* As FAULTY, for writes of one piece of data. */
#define FILLING(name, parameters, part)                                             \
    ssize_t name parameters {                                                       \
        static __typeof__(&name) real;                                              \
        if (!real)                                                                  \
            real = NEXT(name);                                                      \
        if (!fails(file))                                                           \
            return real part(size);                                                 \
        int fault = errno;                                                          \
        size_t half = taken(size);                                                  \
        ssize_t done = half ? real part(half) : -1;                                 \
        errno = fault;                                                              \
        return done;                                                                \
    }

#define WRITE(length) (file, data, length)
#define PWRITE(length) (file, data, length, at)

FILLING(write, (int file, const void *data, size_t size), WRITE)
FAULTY(ssize_t, writev, (int file, const struct iovec *parts, int many), (file, parts, many))
FILLING(pwrite, (int file, const void *data, size_t size, off_t at), PWRITE)
FILLING(pwrite64, (int file, const void *data, size_t size, off64_t at), PWRITE)
FAULTY(int, fsync, (int file), (file))
FAULTY(int, fdatasync, (int file), (file))
FAULTY(int, ftruncate, (int file, off_t size), (file, size))
FAULTY(int, ftruncate64, (int file, off64_t size), (file, size))
