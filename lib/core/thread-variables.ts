/** Variables that tell numerical libraries how many threads to start: set alike on one machine and in task definitions, so that figures compare. */
export const THREAD_VARIABLES = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS'] as const;
