/* Notes what a power cut would take back: writes that were not synced yet.
 *
 * Loaded before libc (LD_PRELOAD). With POWER_CUT="journal,folder" it appends to the file
 * `journal`, before it happens, each change of a file below `folder` and each sync of one;
 * tests/torture/powercut/disk.py reads the journal once the process was killed, and makes the
 * folder what a disk might hold that lost its power at that moment. A record is
 *
 *     kind (1 byte), inode, offset, old size, bytes of old data, bytes of new data,
 *     bytes of path, bytes of other path (8 bytes each), then those four
 *
 * W write, T cut, S sync of a file, D sync of a folder, C file made, R renamed (old data
 * is that of a file in the way), U removed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[4096];
static size_t folder_length;
static int journal = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name)                                                                  \
    static __typeof__(&name) real;                                                  \
    if (!real)                                                                      \
        real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);

static ssize_t plainly(int file, const void *data, size_t size) {
    REAL(write)
    return real(file, data, size);
}

__attribute__((constructor)) static void begin(void) {
    const char *setting = getenv("POWER_CUT"), *comma = setting ? strchr(setting, ',') : NULL;
    if (!comma)
        return;
    char path[4096];
    snprintf(path, sizeof path, "%.*s", (int)(comma - setting), setting);
    strncpy(folder, comma + 1, sizeof folder - 1);
    folder_length = strlen(folder);
    journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Whether the path lies below the folder; shared memory of SQLite is no file to keep. */
static int is_ours(const char *path) {
    size_t length = strlen(path);
    if (journal < 0 || strncmp(path, folder, folder_length) || path[folder_length] != '/')
        return 0;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

static int path_of(int file, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = journal < 0 ? -1 : readlink(link, path, size - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_ours(path) || !strcmp(path, folder);
}

static void absolute(int at, const char *name, char *path, size_t size) {
    char base[4096] = "";
    if (name[0] == '/')
        snprintf(path, size, "%s", name);
    else if (at == AT_FDCWD && getcwd(base, sizeof base))
        snprintf(path, size, "%s/%s", base, name);
    else if (path_of(at, base, sizeof base))
        snprintf(path, size, "%s/%s", base, name);
    else
        path[0] = 0;
}

struct note {
    char kind;
    const char *path, *other;
    uint64_t inode, offset, size;
    const void *old, *new;
    size_t old_length, new_length;
};

static void put(struct note n) {
    uint64_t head[7] = {n.inode, n.offset, n.size, n.old_length, n.new_length,
                        strlen(n.path), n.other ? strlen(n.other) : 0};
    size_t whole = 1 + sizeof head + n.old_length + n.new_length + head[5] + head[6];
    char *record = malloc(whole), *at = record;
    *at++ = n.kind;
    at = (char *)memcpy(at, head, sizeof head) + sizeof head;
    at = (char *)memcpy(at, n.old, n.old_length) + n.old_length;
    at = (char *)memcpy(at, n.new, n.new_length) + n.new_length;
    at = (char *)memcpy(at, n.path, head[5]) + head[5];
    memcpy(at, n.other ? n.other : "", head[6]);
    if (plainly(journal, record, whole) != (ssize_t)whole)
        abort();
    free(record);
}

/* Note a change of a file's bytes from `offset` on; what it takes away is read first. */
static void change(char kind, const char *path, off64_t offset, const void *new, size_t length) {
    struct stat64 is;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat64(file, &is))
        abort();
    off64_t end = kind == 'T' ? is.st_size : offset + (off64_t)length;
    if (end > is.st_size)
        end = is.st_size;
    size_t old_length = end > offset ? end - offset : 0;
    void *old = malloc(old_length + 1);
    if (pread64(file, old, old_length, offset) != (ssize_t)old_length)
        abort();
    close(file);
    put((struct note){kind, path, NULL, is.st_ino, offset, is.st_size, old, new, old_length,
                      kind == 'T' ? 0 : length});
    free(old);
}

static off64_t place(int file) {
    struct stat64 is;
    if (fcntl(file, F_GETFL) & O_APPEND)
        return fstat64(file, &is) ? 0 : is.st_size;
    return lseek64(file, 0, SEEK_CUR);
}

#define NOTED(kind, offset, data, length, call)                                     \
    char path[4096];                                                                \
    if (!path_of(file, path, sizeof path))                                          \
        return call;                                                                \
    pthread_mutex_lock(&order);                                                     \
    change(kind, path, offset, data, length);                                       \
    __typeof__(call) done = call;                                                   \
    int error = errno;                                                              \
    pthread_mutex_unlock(&order);                                                   \
    errno = error;                                                                  \
    return done;

ssize_t write(int file, const void *data, size_t size) {
    REAL(write)
    NOTED('W', place(file), data, size, real(file, data, size))
}

ssize_t pwrite(int file, const void *data, size_t size, off_t at) {
    REAL(pwrite)
    NOTED('W', at, data, size, real(file, data, size, at))
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    REAL(pwrite64)
    NOTED('W', at, data, size, real(file, data, size, at))
}

ssize_t writev(int file, const struct iovec *parts, int many) {
    REAL(writev)
    char path[4096];
    if (path_of(file, path, sizeof path))
        abort(); /* nobody writes so here; if that changes, note it */
    return real(file, parts, many);
}

int ftruncate(int file, off_t size) {
    REAL(ftruncate)
    NOTED('T', size, "", 0, real(file, size))
}

int ftruncate64(int file, off64_t size) {
    REAL(ftruncate64)
    NOTED('T', size, "", 0, real(file, size))
}

/* What comes after this note is not covered by the sync: so it is taken first. */
static void synced(int file) {
    char path[4096];
    struct stat64 is;
    if (!path_of(file, path, sizeof path) || fstat64(file, &is))
        return;
    pthread_mutex_lock(&order);
    put((struct note){S_ISDIR(is.st_mode) ? 'D' : 'S', path, NULL, is.st_ino, 0, 0, "", "", 0, 0});
    pthread_mutex_unlock(&order);
}

int fsync(int file) {
    REAL(fsync)
    synced(file);
    return real(file);
}

int fdatasync(int file) {
    REAL(fdatasync)
    synced(file);
    return real(file);
}

static void opening(int at, const char *name, int flags) {
    char path[4096];
    absolute(at, name, path, sizeof path);
    if (!path[0] || !is_ours(path))
        return;
    pthread_mutex_lock(&order);
    if ((flags & O_CREAT) && access(path, F_OK))
        put((struct note){'C', path, NULL, 0, 0, 0, "", "", 0, 0});
    else if ((flags & O_TRUNC) && !access(path, F_OK))
        change('T', path, 0, "", 0);
    pthread_mutex_unlock(&order);
}

#define OPENING(name, first, at, ...)                                               \
    int name(first const char *path, int flags, ...) {                              \
        REAL(name)                                                                  \
        va_list rest;                                                               \
        va_start(rest, flags);                                                      \
        mode_t mode = va_arg(rest, mode_t);                                         \
        va_end(rest);                                                               \
        if (journal >= 0 && (flags & (O_CREAT | O_TRUNC)))                          \
            opening(at, path, flags);                                               \
        return real(__VA_ARGS__ path, flags, mode);                                 \
    }
#define NOTHING
#define AT int at,
#define COMMA at,
OPENING(open, NOTHING, AT_FDCWD, )
OPENING(open64, NOTHING, AT_FDCWD, )
OPENING(openat, AT, at, COMMA)
OPENING(openat64, AT, at, COMMA)

/* Note that a name goes, with the bytes that it stood for. */
static void leaving(char kind, const char *path, const char *other, const char *loses) {
    struct stat64 is;
    if (!is_ours(path) && !(other && is_ours(other)))
        return;
    int file = open(loses, O_RDONLY | O_CLOEXEC);
    void *old = NULL;
    size_t length = 0;
    if (file >= 0 && !fstat64(file, &is) && S_ISREG(is.st_mode)) {
        old = malloc(is.st_size + 1);
        length = pread64(file, old, is.st_size, 0);
    }
    if (file >= 0)
        close(file);
    put((struct note){kind, path, other, 0, 0, file >= 0, old ? old : "", "", length, 0});
    free(old);
}

static int moved(int at, const char *from, int to_at, const char *to) {
    char path[4096], other[4096];
    absolute(at, from, path, sizeof path);
    absolute(to_at, to, other, sizeof other);
    if (journal < 0 || (!is_ours(path) && !is_ours(other)))
        return 0;
    leaving('R', path, other, other);
    return 1;
}

int rename(const char *from, const char *to) {
    REAL(rename)
    pthread_mutex_lock(&order);
    moved(AT_FDCWD, from, AT_FDCWD, to);
    int done = real(from, to);
    pthread_mutex_unlock(&order);
    return done;
}

int renameat(int at, const char *from, int to_at, const char *to) {
    REAL(renameat)
    pthread_mutex_lock(&order);
    moved(at, from, to_at, to);
    int done = real(at, from, to_at, to);
    pthread_mutex_unlock(&order);
    return done;
}

static void going(int at, const char *name) {
    char path[4096];
    absolute(at, name, path, sizeof path);
    if (journal >= 0 && is_ours(path) && !access(path, F_OK))
        leaving('U', path, NULL, path);
}

int unlink(const char *path) {
    REAL(unlink)
    pthread_mutex_lock(&order);
    going(AT_FDCWD, path);
    int done = real(path);
    pthread_mutex_unlock(&order);
    return done;
}

int unlinkat(int at, const char *path, int flags) {
    REAL(unlinkat)
    pthread_mutex_lock(&order);
    going(at, path);
    int done = real(at, path, flags);
    pthread_mutex_unlock(&order);
    return done;
}
