// Parses 100 orders (10 KB), sums them by customer, sorts, and writes the result.
const orders = JSON.stringify(
  Array.from({ length: 100 }, (_, i) => ({
    id: i,
    customer: `customer-${i % 17}`,
    items: [
      { name: 'tea', price: 3.5, count: (i % 4) + 1 },
      { name: 'cake', price: 4.25, count: i % 3 },
    ],
  })),
);

export default {
  async fetch() {
    const sums = new Map();
    for (const { customer, items } of JSON.parse(orders)) {
      const sum = items.reduce((total, { price, count }) => total + price * count, 0);
      const known = sums.get(customer) ?? { customer, orders: 0, sum: 0 };
      sums.set(customer, { customer, orders: known.orders + 1, sum: known.sum + sum });
    }
    return Response.json([...sums.values()].sort((a, b) => b.sum - a.sum));
  },
};
