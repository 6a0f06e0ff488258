/* A folder or a zip. What is being written knows the names it made, so that a failure leaves
 * nothing behind; what is read has all bytes in memory, since a zip is read in its own order. */
#include "client/capactl/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/seal/hash.h"

#define BUNDLE_MAX_BYTES (2ULL << 30) /* of what is read */
#define BUNDLE_MAX_FILES 200000

struct file {
        char *name;
        struct buffer bytes; /* of what is read */
};

struct bundle {
        char *path;
        char *top; /* of a zip: the folder in it */
        struct file *files;
        size_t n_files, n_allocated;
        unsigned long long size;
        struct buffer sums;
        struct archive *zip;
        int zip_fd; /* -1: none */
        bool writing, finished;
};

static void remove_written(struct bundle *b)
{
        static const char *const folders[] = {"evidence", "events", "journal"};
        char path[8192];

        if (b->zip_fd >= 0) {
                unlink(b->path);
                return;
        }
        for (size_t i = 0; i < b->n_files; i++) {
                snprintf(path, sizeof(path), "%s/%s", b->path, b->files[i].name);
                unlink(path);
        }
        for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
                snprintf(path, sizeof(path), "%s/%s", b->path, folders[i]);
                rmdir(path);
        }
        rmdir(b->path);
}

struct bundle *bundle_free(struct bundle *b)
{
        if (!b)
                return NULL;
        if (b->zip)
                archive_write_free(b->zip);
        if (b->writing && !b->finished)
                remove_written(b);
        if (b->zip_fd >= 0)
                close(b->zip_fd);
        for (size_t i = 0; i < b->n_files; i++) {
                free(b->files[i].name);
                buffer_done(&b->files[i].bytes);
        }
        free(b->files);
        buffer_done(&b->sums);
        free(b->path);
        free(b->top);
        free(b);
        return NULL;
}

void bundle_free_p(struct bundle **b)
{
        *b = bundle_free(*b);
}

static bool ends_with_zip(const char *path)
{
        size_t n = strlen(path);

        return n > 4 && strcasecmp(path + n - 4, ".zip") == 0;
}

static int bundle_new(const char *path, struct bundle **ret)
{
        cleanup_(bundle_free_p) struct bundle *b = calloc(1, sizeof(*b));
        const char *slash;
        size_t n;

        if (!b)
                return -ENOMEM;
        b->zip_fd = -1;
        b->path = strdup(path);
        if (!b->path)
                return -ENOMEM;
        for (n = strlen(b->path); n > 1 && b->path[n - 1] == '/'; n--)
                b->path[n - 1] = '\0';
        slash = strrchr(b->path, '/');
        slash = slash ? slash + 1 : b->path;
        b->top = strndup(slash, strlen(slash) - (ends_with_zip(slash) ? 4 : 0));
        if (!b->top)
                return -ENOMEM;
        *ret = TAKE_PTR(b);
        return 0;
}

/* Room for one more, its name copied. */
static int add_file(struct bundle *b, const char *name, struct file **ret)
{
        struct file *more;

        if (b->n_files == b->n_allocated) {
                more = reallocarray(b->files, b->n_allocated * 2 + 64, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                b->files = more;
                b->n_allocated = b->n_allocated * 2 + 64;
        }
        more = &b->files[b->n_files];
        *more = (struct file){.name = strdup(name)};
        if (!more->name)
                return -ENOMEM;
        b->n_files++;
        *ret = more;
        return 0;
}

static int place_refuse(struct problem *reterr, const char *path, const char *what, int error)
{
        problem_set(reterr, 0, "%s can't be %s: %s", path, what, strerror(error));
        return BUNDLE_E_PLACE;
}

int bundle_create(const char *path, struct bundle **ret, struct problem *reterr)
{
        cleanup_(bundle_free_p) struct bundle *b = NULL;
        int r;

        r = bundle_new(path, &b);
        if (r < 0)
                return r;
        if (!ends_with_zip(b->path)) {
                if (mkdir(b->path, 0777) != 0)
                        return place_refuse(reterr, path, "made", errno);
                b->writing = true;
                *ret = TAKE_PTR(b);
                return 0;
        }
        b->zip_fd = open(b->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (b->zip_fd < 0)
                return place_refuse(reterr, path, "made", errno);
        b->writing = true;
        b->zip = archive_write_new();
        if (!b->zip)
                return -ENOMEM;
        if (archive_write_set_format_zip(b->zip) != ARCHIVE_OK ||
            archive_write_open_fd(b->zip, b->zip_fd) != ARCHIVE_OK) {
                problem_set(reterr, 0, "%s can't be written: %s", path,
                            archive_error_string(b->zip));
                return BUNDLE_E_PLACE;
        }
        *ret = TAKE_PTR(b);
        return 0;
}

static unsigned mode_of(const char *name)
{
        size_t n = strlen(name);

        return n > 3 && strcmp(name + n - 3, ".sh") == 0 ? 0755 : 0644;
}

static int write_entry(struct bundle *b, const char *name, const void *data, size_t size,
                       struct problem *reterr)
{
        struct archive_entry *entry = archive_entry_new();
        char path[8192];
        bool good;

        if (!entry)
                return -ENOMEM;
        snprintf(path, sizeof(path), "%s/%s", b->top, name);
        archive_entry_set_pathname(entry, path);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, mode_of(name));
        archive_entry_set_size(entry, (la_int64_t) size);
        archive_entry_set_mtime(entry, time(NULL), 0);
        good = archive_write_header(b->zip, entry) == ARCHIVE_OK &&
               archive_write_data(b->zip, data, size) == (la_ssize_t) size;
        archive_entry_free(entry);
        if (good)
                return 0;
        problem_set(reterr, 0, "%s can't be written: %s", b->path, archive_error_string(b->zip));
        return BUNDLE_E_PLACE;
}

static int write_file(const struct bundle *b, const char *name, const void *data, size_t size,
                      struct problem *reterr)
{
        const char *slash = strchr(name, '/'), *next = data;
        char path[8192];
        ssize_t n = 0;
        int fd, error;

        if (slash) {
                snprintf(path, sizeof(path), "%s/%.*s", b->path, (int) (slash - name), name);
                if (mkdir(path, 0777) != 0 && errno != EEXIST)
                        return place_refuse(reterr, path, "made", errno);
        }
        snprintf(path, sizeof(path), "%s/%s", b->path, name);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_of(name) | 022);
        if (fd < 0)
                return place_refuse(reterr, path, "made", errno);
        for (; size > 0 && n >= 0; size -= (size_t) n, next += n) {
                n = write(fd, next, size);
                if (n < 0 && errno == EINTR)
                        n = 0;
        }
        error = n < 0 ? errno : 0;
        if (close(fd) != 0 && error == 0)
                error = errno;
        return error ? place_refuse(reterr, path, "written", error) : 0;
}

int bundle_put(struct bundle *b, const char *name, const void *data, size_t size,
               struct problem *reterr)
{
        struct file *file;
        struct hash hash;
        int r;

        r = add_file(b, name, &file);
        if (r < 0)
                return r;
        hash_of(data, size, &hash);
        buffer_add_hex(&b->sums, hash.bytes, sizeof(hash.bytes));
        buffer_printf(&b->sums, "  %s\n", name);
        return b->zip ? write_entry(b, name, data, size, reterr)
                      : write_file(b, name, data, size, reterr);
}

int bundle_finish(struct bundle *b, struct problem *reterr)
{
        cleanup_(free_p) char *sums = NULL;
        size_t size = b->sums.size;
        int r;

        sums = buffer_take(&b->sums);
        if (!sums)
                return -ENOMEM;
        r = bundle_put(b, BUNDLE_SUMS, sums, size, reterr);
        if (r != 0)
                return r;
        if (b->zip && archive_write_close(b->zip) != ARCHIVE_OK) {
                problem_set(reterr, 0, "%s can't be written: %s", b->path,
                            archive_error_string(b->zip));
                return BUNDLE_E_PLACE;
        }
        if (b->zip_fd >= 0 && fsync(b->zip_fd) != 0)
                return place_refuse(reterr, b->path, "written", errno);
        b->finished = true;
        return 0;
}

/* Bytes that were read, within what is taken at most. */
static int take_bytes(struct bundle *b, struct file *file, const void *data, size_t size,
                      struct problem *reterr)
{
        b->size += size;
        if (b->size > BUNDLE_MAX_BYTES || b->n_files > BUNDLE_MAX_FILES) {
                problem_set(reterr, 0, "%s is larger than any dossier", b->path);
                return BUNDLE_E_PLACE;
        }
        buffer_add(&file->bytes, data, size);
        return buffer_status(&file->bytes);
}

static int read_file(struct bundle *b, int folder, const char *entry, const char *name,
                     struct problem *reterr)
{
        char chunk[65536];
        struct file *file;
        ssize_t n = 0;
        int fd, r;

        r = add_file(b, name, &file);
        if (r < 0)
                return r;
        fd = openat(folder, entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return place_refuse(reterr, name, "read", errno);
        while (r == 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
                r = take_bytes(b, file, chunk, (size_t) n, reterr);
        if (n < 0)
                r = place_refuse(reterr, name, "read", errno);
        close(fd);
        return r;
}

/* The regular files of a folder; of the top folder those of its folders too. */
static int read_folder(struct bundle *b, int fd, const char *prefix, struct problem *reterr)
{
        DIR *folder = fdopendir(fd);
        const struct dirent *entry;
        char name[1024];
        struct stat st;
        int below, r = 0;

        if (!folder) {
                r = -errno;
                close(fd);
                return r;
        }
        while (r == 0 && (entry = readdir(folder))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "/" : "", entry->d_name);
                if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
                        r = place_refuse(reterr, name, "read", errno);
                else if (S_ISREG(st.st_mode))
                        r = read_file(b, dirfd(folder), entry->d_name, name, reterr);
                else if (S_ISDIR(st.st_mode) && *prefix == '\0') {
                        below = openat(dirfd(folder), entry->d_name,
                                       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                        r = below < 0 ? place_refuse(reterr, name, "read", errno)
                                      : read_folder(b, below, name, reterr);
                }
        }
        closedir(folder);
        return r;
}

static int read_entry(struct bundle *b, struct archive *zip, struct archive_entry *entry,
                      struct problem *reterr)
{
        const char *path = archive_entry_pathname(entry);
        const char *name = path ? strchr(path, '/') : NULL;
        char chunk[65536];
        struct file *file;
        la_ssize_t n = 0;
        int r;

        if (!name || name[1] == '\0' || archive_entry_filetype(entry) != AE_IFREG)
                return 0;
        r = add_file(b, name + 1, &file);
        while (r == 0 && (n = archive_read_data(zip, chunk, sizeof(chunk))) > 0)
                r = take_bytes(b, file, chunk, (size_t) n, reterr);
        if (r == 0 && n < 0) {
                problem_set(reterr, 0, "%s can't be read: %s", b->path, archive_error_string(zip));
                r = BUNDLE_E_PLACE;
        }
        return r;
}

static int read_zip(struct bundle *b, struct problem *reterr)
{
        struct archive *zip = archive_read_new();
        struct archive_entry *entry;
        int r = 0, step = ARCHIVE_OK;

        if (!zip)
                return -ENOMEM;
        if (archive_read_support_format_zip(zip) != ARCHIVE_OK ||
            archive_read_open_filename(zip, b->path, 65536) != ARCHIVE_OK)
                step = ARCHIVE_FATAL;
        while (r == 0 && step == ARCHIVE_OK) {
                step = archive_read_next_header(zip, &entry);
                if (step == ARCHIVE_OK)
                        r = read_entry(b, zip, entry, reterr);
        }
        if (r == 0 && step != ARCHIVE_EOF) {
                problem_set(reterr, 0, "%s can't be read: %s", b->path, archive_error_string(zip));
                r = BUNDLE_E_PLACE;
        }
        archive_read_free(zip);
        return r;
}

bool bundle_there(const char *path)
{
        char magic[4] = "";
        struct stat st;
        FILE *f;
        bool zip;

        if (stat(path, &st) != 0)
                return false;
        if (S_ISDIR(st.st_mode))
                return true;
        if (!S_ISREG(st.st_mode))
                return false;
        f = fopen(path, "re");
        if (!f)
                return false;
        zip = fread(magic, 1, sizeof(magic), f) == sizeof(magic) && memcmp(magic, "PK", 2) == 0;
        fclose(f);
        return zip || ends_with_zip(path);
}

int bundle_open(const char *path, struct bundle **ret, struct problem *reterr)
{
        cleanup_(bundle_free_p) struct bundle *b = NULL;
        struct stat st;
        int fd, r;

        r = bundle_new(path, &b);
        if (r < 0)
                return r;
        if (stat(b->path, &st) != 0)
                return place_refuse(reterr, path, "read", errno);
        if (S_ISDIR(st.st_mode)) {
                fd = open(b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0)
                        return place_refuse(reterr, path, "read", errno);
                r = read_folder(b, fd, "", reterr);
        } else
                r = read_zip(b, reterr);
        if (r != 0)
                return r;
        *ret = TAKE_PTR(b);
        return 0;
}

int bundle_get(const struct bundle *b, const char *name, struct buffer *ret)
{
        for (size_t i = 0; i < b->n_files; i++)
                if (strcmp(b->files[i].name, name) == 0) {
                        buffer_add(ret, b->files[i].bytes.data, b->files[i].bytes.size);
                        return buffer_status(ret);
                }
        return BUNDLE_E_ABSENT;
}

size_t bundle_count(const struct bundle *b)
{
        return b->n_files;
}

const char *bundle_name(const struct bundle *b, size_t i)
{
        return b->files[i].name;
}
