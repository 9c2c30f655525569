// Loaded before the command (`node --import`): tells on a channel of its own what the process used.
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.send?.({ maxRSS, cpu: (userCPUTime + systemCPUTime) / 1e6 });
});
