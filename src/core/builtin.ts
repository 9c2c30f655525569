/**
 * A module of Node's own, loaded when it is asked for. Its crypto takes a tenth of an empty process's start to load, and
 * many runs hash nothing.
 */
export const builtin: typeof process.getBuiltinModule = process.getBuiltinModule.bind(process);
