#!/usr/bin/env node
// The SDK reads this while it loads; its warning about Node 20 is not the user's business.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { run } = await import('./program.ts');
process.exitCode = await run(process.argv.slice(2));
