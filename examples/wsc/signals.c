#include "wsc.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t interrupts, end_signal, stop_signal;
static wsc_ctx *volatile wake;

static void on_signal(int number)
{
    int saved = errno;

    if (number == SIGINT && interrupts < 100)
        interrupts++;
    else if (number == SIGTSTP)
        stop_signal = 1;
    else if (number != SIGINT && !end_signal)
        end_signal = number;
    if (wake)
        wsc_ctx_wakeup(wake);
    errno = saved;
}

static void catch_signal(int number)
{
    struct sigaction old, act;

    memset(&act, 0, sizeof act);
    sigemptyset(&act.sa_mask);
    act.sa_handler = on_signal; /* without SA_RESTART: blocking calls end */
    if (sigaction(number, NULL, &old) == 0 &&
        old.sa_handler != SIG_IGN) /* nohup, background jobs */
        sigaction(number, &act, NULL);
}

void signals_install(void)
{
    signal(SIGPIPE, SIG_IGN);
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    catch_signal(SIGHUP);
    catch_signal(SIGQUIT);
}

void signals_catch_stop(bool on)
{
    struct sigaction now;

    if (on)
        catch_signal(SIGTSTP);
    else if (sigaction(SIGTSTP, NULL, &now) == 0 && now.sa_handler == on_signal)
        signal(SIGTSTP, SIG_DFL);
}

void signals_wake(wsc_ctx *ctx)
{
    wake = ctx;
}

int signals_interrupts(void)
{
    return interrupts;
}

int signals_end(void)
{
    return end_signal;
}

int signals_ended_by(void)
{
    return signals_interrupts() ? SIGINT : signals_end();
}

bool signals_stopped(void)
{
    bool was = stop_signal;

    stop_signal = 0;
    return was;
}
