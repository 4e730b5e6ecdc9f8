/** All tasks on points, for the worker. */
import type { Task } from '../threads/task.js';
import { COMBINE_TASKS } from './combine-tasks.js';
import { MSM_TASKS } from './msm-tasks.js';
import { MULTIPLES_TASKS } from './multiples-tasks.js';

/** Tasks by name. */
export const POINT_TASKS: Readonly<Record<string, Task>> = {
  ...MSM_TASKS,
  ...MULTIPLES_TASKS,
  ...COMBINE_TASKS,
};
