#include "many.h"

#include <errno.h>
#include <unistd.h>

#define INPUT_LIMIT 67108864

int many_input_fd(const struct many *m)
{
    return m->in.open && !m->in.too_much ? STDIN_FILENO : -1;
}

void job_input(struct job *j)
{
    const struct common_input *in = &j->m->in;
    size_t taken = 0;
    int rc = WSC_OK;

    if (j->input_over)
        return;
    while (j->input_at < in->data.len && rc == WSC_OK) {
        rc = wsc_command_write(j->cmd, in->data.data + j->input_at, in->data.len - j->input_at,
                               &taken, 0);
        if (rc == WSC_OK)
            j->input_at += taken;
    }
    if (rc == WSC_OK && !in->open)
        wsc_command_write_eof(j->cmd);
    j->input_over = rc == WSC_OK ? !in->open : rc != WSC_E_AGAIN; /* its end tells why */
}

void many_input_read(struct many *m)
{
    char buf[65536];
    ssize_t n = read(STDIN_FILENO, buf, sizeof buf);
    size_t i;

    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (n <= 0)
        m->in.open = false;
    else if (m->in.data.len + (size_t)n > INPUT_LIMIT || !bytes_add(&m->in.data, buf, (size_t)n))
        m->in.too_much = true;
    for (i = 0; i < m->next && !m->in.too_much; i++)
        if (m->jobs[i].outcome == JOB_RUNS)
            job_input(&m->jobs[i]);
}
