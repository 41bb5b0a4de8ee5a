import swagger from '@fastify/swagger';
import { API_ROOT, ProblemSchema, plainSchema, type Route } from '@qianzhi/model';
import type { FastifyInstance, FastifySchema } from 'fastify';

const bytes = { type: 'string', format: 'binary' };

/** Collects the routes bound after it; the document is served once all are bound. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: '前置平台 / qianzhi platform', version },
      components: {
        securitySchemes: {
          person: { type: 'http', scheme: 'bearer' },
          agent: { type: 'apiKey', in: 'header', name: 'signature', description: 'RFC 9421' },
        },
      },
    },
    // when the document is asked for: most platforms are never asked
    transform: ({ schema, url, route }) => {
      const described = route.config?.route;
      return { url, schema: described ? openApiSchema(described) : schema };
    },
  });
  app.get(`${API_ROOT}/openapi.json`, { schema: { hide: true } as FastifySchema }, async () => app.swagger());
}

/** A route of the table as the document says it; checks are the model's own. */
function openApiSchema(route: Route): FastifySchema {
  const { body, query, response, access } = route;
  const security = access === 'public' ? [] : access === 'agent' ? [{ agent: [] }] : [{ person: [] }];
  const roles = typeof access === 'string' ? access : access.join(', ');
  const schema: Record<string, unknown> = {
    summary: route.summary,
    description: `access: ${roles}`,
    tags: [route.path.split('/')[1]],
    security,
    response: {
      200: { description: 'ok', content: content(response) },
      default: {
        description: 'problem details (RFC 9457)',
        content: { 'application/problem+json': { schema: plainSchema(ProblemSchema) } },
      },
    },
  };
  if (query) schema.querystring = plainSchema(query);
  if (body === 'bytes') {
    schema.consumes = ['application/octet-stream'];
    schema.body = { content: { 'application/octet-stream': { schema: bytes } } };
  } else if (body) schema.body = plainSchema(body);
  return schema as FastifySchema;
}

function content(response: Route['response']): Record<string, unknown> {
  if (response === 'bytes' || response === 'stream') return { 'application/octet-stream': { schema: bytes } };
  return { 'application/json': { schema: response ? plainSchema(response) : {} } };
}
