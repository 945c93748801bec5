/** What we give as the reason of a stop: ECS shows it in the task, and it tells our stops from anybody else's. */
export const STOP_REASON = 'bakeoff: stopped by its run';
export const SPOT_STOP_REASON = 'bakeoff: Spot takes the machine back';
