/** Words of the public notice. */
export default {
  notice: {
    city: '泉州市',
    title: '服务时长公示',
    text: '以下时长经活动负责人确认、记录员复核，公示期内如有异议，请登录后提出。姓名按规定隐去。',
    search: '查找活动',
    none: '目前没有公示中的时长',
    minor: '未成年志愿者',
    objected: '有异议待答复',
    until: '公示至 {day}',
    object: '提出异议',
    objected_done: '异议已提交，办理结果会通知您',
    back: '返回首页',
  },
}
