/** A supervisor whose process sends an unreadable message, and then a readable one. */
import { fork } from 'node:child_process';
import { writeSync } from 'node:fs';
import { ignoreChannelFaults } from '../../server/process/supervisor/channel-faults.ts';

if (process.argv[2] === 'child') {
  const channel = 3;
  writeSync(channel, 'at file://x\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  writeSync(channel, '"read"\n');
} else {
  ignoreChannelFaults((text) => console.log(text));
  const child = fork(import.meta.filename, ['child'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('message', (message) => {
    console.log(message);
    if (process.argv[2] === 'own') throw new Error('a fault of its own');
  });
}
