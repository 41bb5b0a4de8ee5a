import type { Migration } from '../../database/migrate.js';

export const waiverMigrations: readonly Migration[] = [
  {
    name: 'catalog-waivers-1',
    async up(trx) {
      await trx.schema.createTable('supply_waivers', (table) => {
        table.increments('seq');
        table.text('resource').notNullable().references('code').inTable('resources').index();
        table.text('upper').notNullable();
        table.text('platform').notNullable();
        table.text('system').notNullable();
        table.text('basis');
        table.text('waived_by').notNullable();
        table.text('waived_at').notNullable();
        table.text('ended_by');
        table.text('ended_at');
        table.text('end_reason');
      });
    },
  },
];
