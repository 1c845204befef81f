/** What is asked of the shop, one after the other. */
export const SHOP_REQUESTS = [
  ['GET', '/health'],
  ['GET', '/orders/7'],
  ['GET', '/api/items/tea'],
  ['GET', '/api/prices/tea'],
  ['GET', '/api/slow/0.01'],
  ['GET', '/boom/7'],
  ['GET', '/nowhere'],
  ['GET', '/api/transfer'],
  ['POST', '/graphql'],
  ['POST', '/mails'],
] as const;
