import { Type } from '@sinclair/typebox';
import { type Role, roles } from './route.js';

/** Pieces that several route tables share. */
export const everyone: readonly Role[] = roles;
export const IdSchema = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,49}$' });
export const TimeSchema = Type.String({ format: 'date-time' });
