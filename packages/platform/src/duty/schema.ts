import type { Migration } from '../database/migrate.js';

export const dutyMigrations: readonly Migration[] = [
  {
    name: 'duty-1',
    async up(trx) {
      // Each as it stands; how it came to that is in its events. `announced_at`: who listens was told that it is overdue.
      await trx.schema.createTable('duties', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('kind').notNullable();
        table.text('object').notNullable().index();
        table.text('owner').references('id').inTable('departments').index();
        table.text('rule').notNullable();
        table.text('profile').notNullable();
        table.text('deadline');
        table.text('state').notNullable().index();
        table.text('opened_at').notNullable();
        table.text('start_day').notNullable();
        table.text('due_day');
        table.text('provisional_years').notNullable();
        table.text('pauses').notNullable();
        table.text('reminded_at');
        table.text('overdue_at');
        table.text('escalated_at');
        table.text('announced_at');
        table.text('closed_at');
        table.text('outcome');
        table.text('note');
      });
      await trx.schema.createTable('duty_events', (table) => {
        table.increments('seq');
        table.text('duty').notNullable().references('id').inTable('duties').index();
        table.text('event').notNullable();
        table.text('day').notNullable();
        table.text('at').notNullable();
        table.text('actor').notNullable();
        table.text('due_day');
        table.text('provisional_years').notNullable();
        table.text('note');
      });
      await trx.schema.createTable('calendar_years', (table) => {
        table.integer('year').primary();
        table.text('arrangement').notNullable();
        table.text('entered_by').notNullable();
        table.text('entered_at').notNullable();
      });
      await trx.schema.createTable('calendar_overrides', (table) => {
        table.text('day').primary();
        table.integer('work').notNullable();
        table.text('reason').notNullable();
        table.text('entered_by').notNullable();
        table.text('entered_at').notNullable();
      });
    },
  },
];
