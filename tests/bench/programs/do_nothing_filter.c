/* SPDX-License-Identifier: Apache-2.0
 *
 * A milter as anybody would begin one: every callback there is, each continues, nothing special is asked for. What
 * it costs is what a milter costs that does nothing.
 *
 *     bench_do_nothing_filter SOCKET
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <sys/stat.h>

static sfsistat on_connect(SMFICTX *context, char *host, _SOCK_ADDR *address)
{
    (void)context, (void)host, (void)address;
    return SMFIS_CONTINUE;
}

static sfsistat on_text(SMFICTX *context, char *text)
{
    (void)context, (void)text;
    return SMFIS_CONTINUE;
}

static sfsistat on_words(SMFICTX *context, char **words)
{
    (void)context, (void)words;
    return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
    (void)context, (void)name, (void)value;
    return SMFIS_CONTINUE;
}

static sfsistat on_body(SMFICTX *context, unsigned char *octets, size_t count)
{
    (void)context, (void)octets, (void)count;
    return SMFIS_CONTINUE;
}

static sfsistat on_event(SMFICTX *context)
{
    (void)context;
    return SMFIS_CONTINUE;
}

int main(int count, char **words)
{
    struct smfiDesc filter = {
        .xxfi_name = "do-nothing",
        .xxfi_version = SMFI_VERSION,
        .xxfi_connect = on_connect,
        .xxfi_helo = on_text,
        .xxfi_envfrom = on_words,
        .xxfi_envrcpt = on_words,
        .xxfi_data = on_event,
        .xxfi_header = on_header,
        .xxfi_eoh = on_event,
        .xxfi_body = on_body,
        .xxfi_eom = on_event,
        .xxfi_abort = on_event,
        .xxfi_close = on_event,
    };
    char address[256];
    if (count != 2) {
        fputs("usage: bench_do_nothing_filter SOCKET\n", stderr);
        return 2;
    }
    snprintf(address, sizeof address, "unix:%s", words[1]);
    umask(0);
    if (smfi_setconn(address) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS) {
        fprintf(stderr, "bench_do_nothing_filter: cannot serve %s\n", address);
        return 1;
    }
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
