import type { Plugin } from 'vite';

export declare const vitePlugin: Plugin;
