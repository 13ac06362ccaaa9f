/** Words of the public notice; mirrors zh-CN.ts. */
export default {
  notice: {
    city: 'Quanzhou',
    title: 'Hours under public notice',
    text: 'Confirmed by the leader and signed by a recorder. If something is not right, sign in and say so before the notice is over. Names are masked.',
    search: 'Find',
    none: 'No hours lie under notice now',
    minor: 'A minor',
    objected: 'An objection waits',
    until: 'Until {day}',
    object: 'Object',
    objected_done: 'Your objection is in; you will be told how it ends',
    back: 'Home',
  },
}
