/** Usage by day. */
import type { Queryable } from '../connection/database.ts';

export interface UsageDay {
  /** `2026-01-31`, in UTC. */
  readonly day: string;
  readonly handler: string;
  readonly handlerId: string;
  readonly runs: number;
  readonly failures: number;
  readonly gas: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly wallMs: number;
}

export interface UsageFilter {
  readonly ownerId: string;
  readonly handlerId?: string | undefined;
  /** The first and the last day, `2026-01-31`. */
  readonly from: string;
  readonly to: string;
}

/** Oldest first. */
export function listUsage(db: Queryable, filter: UsageFilter): Promise<UsageDay[]> {
  return db.query<UsageDay>(
    `select to_char(day, 'YYYY-MM-DD') as day, handlers.name as handler, handler_id as "handlerId",
       runs, failures, gas, bytes_in as "bytesIn", bytes_out as "bytesOut", wall_ms as "wallMs"
     from usage_days join handlers on handlers.id = handler_id
     where usage_days.owner_id = $1 and ($2::uuid is null or handler_id = $2)
       and day between $3::date and $4::date
     order by usage_days.day, handlers.name limit 10000`,
    [filter.ownerId, filter.handlerId ?? null, filter.from, filter.to],
  );
}
