/* Read as it is at one moment: a file that is longer than configurations are is refused before it
 * fills the memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app/file.h"
#include "proto/base/buffer.h"
#include "proto/base/limits.h"

enum file_error { FILE_E_UNREADABLE = 1 };

int file_read(const char *path, char **ret_text, size_t *ret_size, struct complaints *reterr)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct problem p = {0};
        char part[16384];
        ssize_t n = -1;
        int fd, error;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd >= 0) {
                while ((n = read(fd, part, sizeof(part))) > 0 && b.size <= LIMIT_CONFIG_BYTES)
                        buffer_add(&b, part, (size_t) n);
        }
        error = errno;
        if (fd >= 0)
                close(fd);
        if (fd < 0 || n < 0) {
                problem_set(&p, 0, "cannot be read: %s", strerror(error));
                complain(reterr, path, "", 0, &p);
                return FILE_E_UNREADABLE;
        }
        if (n > 0) {
                problem_set(&p, 0, "is longer than %lu bytes", LIMIT_CONFIG_BYTES);
                complain(reterr, path, "", 0, &p);
                return FILE_E_UNREADABLE;
        }
        buffer_add(&b, "", 0);
        *ret_size = b.size;
        *ret_text = b.data ? buffer_take(&b) : strdup("");
        return *ret_text ? 0 : -ENOMEM;
}
