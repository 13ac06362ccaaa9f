export function generate(schema: object): Promise<string>
