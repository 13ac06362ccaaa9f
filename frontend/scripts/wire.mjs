/** The one way in which wire types are made, for the script and for the test that compares. */
import openapiTS, { astToString } from 'openapi-typescript'

const HEAD = '/** Made by `npm run types` from openapi.json. Do not edit. */\n\n'

/** @param {object} schema an OpenAPI 3.1 document; @returns {Promise<string>} the text of schema.d.ts */
export async function generate(schema) {
  return HEAD + astToString(await openapiTS(schema, { alphabetize: true, defaultNonNullable: false }))
}
