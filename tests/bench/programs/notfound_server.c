/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that a socketmap server can do: NOTFOUND to whatever it is asked, one thread, epoll. How fast this is
 * shows what a lookup over a unix socket costs here, whoever answers.
 *
 *     bench_notfound_server SOCKET
 *
 * Ends by SIGTERM. What is no netstring ends its connection.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char reply[] = "9:NOTFOUND ,";
enum { reply_length = sizeof reply - 1, capacity = 4096, most_replies = 512 };

struct client {
    int descriptor;
    size_t used;
    char buffer[capacity];
};

/* Answers what has been received; 0 when the connection has to end. */
static int serve(struct client *client)
{
    char replies[most_replies * reply_length];
    size_t position = 0, complete = 0;
    const ssize_t got = recv(client->descriptor, client->buffer + client->used, capacity - client->used, 0);
    if (got <= 0)
        return 0;
    client->used += (size_t)got;
    while (position < client->used && complete < most_replies) {
        size_t length = 0, at = position;
        while (at < client->used && client->buffer[at] >= '0' && client->buffer[at] <= '9' && length < capacity)
            length = length * 10 + (size_t)(client->buffer[at++] - '0');
        if (at == client->used)
            break;
        if (client->buffer[at] != ':' || length >= capacity - 8)
            return 0;
        if (client->used - at < length + 2)
            break;
        if (client->buffer[at + 1 + length] != ',')
            return 0;
        memcpy(replies + complete++ * reply_length, reply, reply_length);
        position = at + length + 2;
    }
    memmove(client->buffer, client->buffer + position, client->used - position);
    client->used -= position;
    return complete == 0 ||
        send(client->descriptor, replies, complete * reply_length, MSG_NOSIGNAL) == (ssize_t)(complete * reply_length);
}

int main(int count, char **words)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct epoll_event event = {.events = EPOLLIN}, events[128];
    if (count != 2 || strlen(words[1]) >= sizeof address.sun_path) {
        fputs("usage: bench_notfound_server SOCKET\n", stderr);
        return 2;
    }
    strcpy(address.sun_path, words[1]);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 256) != 0 ||
        chmod(words[1], 0666) != 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) != 0) {
        perror("bench_notfound_server");
        return 1;
    }
    for (;;) {
        const int ready = epoll_wait(poll, events, 128, -1);
        for (int index = 0; index < ready; ++index) {
            struct client *client = events[index].data.ptr;
            if (client == NULL) {
                const int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (descriptor < 0)
                    continue;
                client = calloc(1, sizeof *client);
                if (client == NULL)
                    return 1;
                client->descriptor = descriptor;
                event.data.ptr = client;
                epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
            } else if (!serve(client)) {
                close(client->descriptor);
                free(client);
            }
        }
    }
}
