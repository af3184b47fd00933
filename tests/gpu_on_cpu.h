/* What a CUDA source needs to run on a CPU: the threads of a block are real threads, blocks come one after the other. */
#include <math.h>
#include <pthread.h>

#define __device__
#define __global__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(threads)

struct Index {
    unsigned x;
};

static thread_local Index threadIdx, blockIdx;
static Index blockDim;
static pthread_barrier_t block_barrier;

static void __syncthreads() { pthread_barrier_wait(&block_barrier); }

template <typename Kernel> struct Thread {
    pthread_t id;
    Kernel kernel;
    long long blocks;
    unsigned number;

    static void *main(void *given) {
        const Thread *self = (const Thread *)given;
        threadIdx.x = self->number;
        for (long long block = 0; block < self->blocks; ++block) {
            blockIdx.x = (unsigned)block;
            __syncthreads(); /* shared memory is one block's at a time */
            self->kernel();
        }
        return nullptr;
    }
};

template <typename Kernel> static void on_every_thread(long long blocks, int threads, Kernel kernel) {
    Thread<Kernel> *const all = (Thread<Kernel> *)__builtin_calloc(threads, sizeof(Thread<Kernel>));
    pthread_barrier_init(&block_barrier, nullptr, threads);
    blockDim.x = (unsigned)threads;
    for (int n = 0; n < threads; ++n) {
        __builtin_memcpy(&all[n].kernel, &kernel, sizeof kernel);
        all[n].blocks = blocks, all[n].number = (unsigned)n;
        pthread_create(&all[n].id, nullptr, Thread<Kernel>::main, &all[n]);
    }
    for (int n = 0; n < threads; ++n) pthread_join(all[n].id, nullptr);
    pthread_barrier_destroy(&block_barrier);
    __builtin_free(all);
}
