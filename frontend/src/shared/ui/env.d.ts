/** Named at build time: what the line's hello says of this page. */
declare const __BUILD__: string
