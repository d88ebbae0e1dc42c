/* Something for a worker thread. Lives in libc's memory, for it may outlive the context. */
#ifndef WSC_BASE_TASK_H
#define WSC_BASE_TASK_H

struct wsc__task {
    struct wsc__task *next;
    void (*run)(struct wsc__task *t);  /* on a worker */
    void (*stop)(struct wsc__task *t); /* run is to end soon; from any thread, or NULL */
    void (*free)(struct wsc__task *t); /* on a worker, when its owner has left */
};

#endif
