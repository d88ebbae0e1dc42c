/* Our stdin to the command's: no more is read than the far end takes. */
#include "wsc.h"

#include <errno.h>
#include <unistd.h>

void input_init(struct input *in, wsc_command *cmd, bool pass)
{
    in->have = in->sent = 0;
    in->closed = !pass;
    if (!pass)
        wsc_command_write_eof(cmd); /* who reads stdin shall not wait for ever */
}

int input_fd(const struct input *in)
{
    return in->closed || in->sent < in->have ? -1 : STDIN_FILENO;
}

void input_read(struct input *in, wsc_command *cmd)
{
    ssize_t n = read(STDIN_FILENO, in->buf, sizeof in->buf);

    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    in->sent = 0;
    in->have = n > 0 ? (size_t)n : 0;
    if (n <= 0) {
        in->closed = true;
        wsc_command_write_eof(cmd);
    }
}

void input_pump(struct input *in, wsc_command *cmd)
{
    size_t taken = 0;
    int rc = WSC_OK;

    while (in->sent < in->have && rc == WSC_OK) {
        rc = wsc_command_write(cmd, in->buf + in->sent, in->have - in->sent, &taken, 0);
        if (rc == WSC_OK)
            in->sent += taken;
    }
    if (rc != WSC_OK && rc != WSC_E_AGAIN) { /* it has ended; the output tells how */
        in->closed = true;
        in->sent = in->have = 0;
    }
}
