/**
 * A client of a database's socket that begins a transaction, inserts a row, and commits only when its parent sends a
 * message.
 */
import { openSocketDatabase } from '../../server/db/socket/client.ts';

const [path = ''] = process.argv.slice(2);
const db = openSocketDatabase({ path });
await db
  .transaction(async (tx) => {
    await tx.query(`insert into things values ('half')`);
    process.send?.('begun');
    // The parent may stop or kill this process here, or send a message to continue the transaction.
    const [message] = await new Promise<unknown[]>((resolve) => {
      process.once('message', (...given) => resolve(given));
    });
    await tx.query('insert into things values ($1)', [message]);
  })
  .then(
    () => process.send?.('committed'),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
process.disconnect?.();
await db.close();
