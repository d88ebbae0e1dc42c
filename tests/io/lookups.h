/* A getaddrinfo in place of libc's: it counts, and holds whoever is inside until released. Names
 * that begin with "bad" do not exist. Include it once per program. */
#ifndef WSC_TEST_LOOKUPS_H
#define WSC_TEST_LOOKUPS_H

#include "held.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int asked;

static void wait_until_none_runs(void)
{
    pthread_mutex_lock(&lock);
    while (running)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **res)
{
    static const struct sockaddr_in any = { .sin_family = AF_INET };
    struct addrinfo *ai;
    struct sockaddr_in *sa;

    if (hints->ai_flags & AI_NUMERICHOST) {
        if (strcmp(node, "10.0.0.1") != 0)
            return EAI_NONAME;
    } else {
        pthread_mutex_lock(&lock);
        asked++;
        running++;
        if (running > most_running)
            most_running = running;
        pthread_cond_broadcast(&changed);
        while (held)
            pthread_cond_wait(&changed, &lock);
        running--;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        if (strncmp(node, "bad", 3) == 0)
            return EAI_NONAME;
    }
    ai = calloc(1, sizeof *ai + sizeof *sa);
    sa = (struct sockaddr_in *)(void *)(ai + 1);
    *sa = any;
    sa->sin_port = htons((uint16_t)atoi(service));
    ai->ai_family = AF_INET;
    ai->ai_addr = (struct sockaddr *)sa;
    ai->ai_addrlen = sizeof *sa;
    *res = ai;
    return 0;
}

void freeaddrinfo(struct addrinfo *ai)
{
    free(ai);
}

#endif
