/* The rules are those of daemon/bus/socket.c, which has the last word. */
#include <string.h>
#include <sys/un.h>

#include "daemon/app/address.h"
#include "daemon/bus/bus.h"

#define IPC_PREFIX    "ipc://"
#define TCP_PREFIX    "tcp://"
#define IPC_PATH_SIZE sizeof(((struct sockaddr_un *) 0)->sun_path)

bool address_is_servable(const char *address, bool has_key, struct problem *reterr)
{
        if (strncmp(address, IPC_PREFIX, strlen(IPC_PREFIX)) == 0) {
                size_t n = strlen(address + strlen(IPC_PREFIX));

                if (n > 0 && n < IPC_PATH_SIZE)
                        return true;
                problem_set(reterr, 0, "the path of a socket has 1 to %zu bytes, this one %zu",
                            IPC_PATH_SIZE - 1, n);
                return false;
        }
        if (strncmp(address, TCP_PREFIX, strlen(TCP_PREFIX)) != 0) {
                problem_set(reterr, 0, "endpoint %.100s: only ipc:// and tcp:// are served",
                            address);
                return false;
        }
        if (has_key || bus_is_loopback(address))
                return true;
        problem_set(
                reterr, 0,
                "endpoint %.100s is beyond loopback and needs keys: set curve.secret_key_file and "
                "give the principals their \"key\"",
                address);
        return false;
}
