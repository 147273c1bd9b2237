# ruff: noqa: E501
"""The phrases by which people thank, in English and Chinese."""

from itertools import product


def _words(text) -> list[str]:
    return text.split()


def phrases(text) -> set[tuple[str, ...]]:
    """Phrases, one a line; ``a|b`` in a place stands for either, ``?`` for nothing."""
    found = set()
    for line in text.strip().splitlines():
        places = [word.split("|") for word in line.split()]
        for words in product(*places):
            found.add(
                tuple(part for word in words if word != "?" for part in word.split("_"))
            )
    return found - {()}


THANKS = phrases("""
    ?|many|big|huge|special|warm|sincere|heartfelt|lots_of|ok|okay|great|and thanks|thx|thanx|thnx|tks
    ?|i|we|to|just_to|i_just_want_to|i_would_like_to|we_would_like_to|just_wanted_to|i_just_wanted_to|i_wanted_to|i_want_to ?|say thank you
    thank u
    ?|i|we|to|just_wanted_to say thanks
    ?|i_just|i wanted|want|would_like to say thanks
    thankyou
    ty|tysm|tyvm|thks
    cheers
    ?|very|that_is ?|very|much|really|greatly appreciated
    ?|much obliged
    ?|i|we ?|really|do|very_much|truly|greatly appreciate it|that|this|your|the ?|help|support|reply|answer|time|effort|service
    ?|i_am|we_are ?|very|so grateful
""")
MORE = phrases("""
    so|very|very_very|ever_so much
    so very much
    a lot|million|bunch|ton
    again
    once again|more
    indeed|also|too|kindly|sincerely|both|everyone|everybody|all|team|guys|folks
    to you|all|everyone|everybody ?|all
    to the ?|whole|entire team
    to you|your team
    and
    heaps|loads|lots|tons
    dear|my friend
    sir|madam|ma_am
""")
PRAISE = phrases("""
    great|perfect|awesome|excellent|wonderful|brilliant|fantastic|amazing|superb|super|lovely|nice|cool|top
    ?|that_is|this_is|it_is|that_was|you_are|you_were|you_have_been ?|very|so|really|just|all great|perfect|awesome|excellent|wonderful|brilliant|fantastic|amazing|kind|helpful|nice
    ?|very|so|really kind|nice|good of you
    great|good|nice|excellent|amazing|fantastic|super|quick|fast job|work|service|help|support|response|answer|reply
    well done
    very good
    you_are|you the best
    you rock
    ?|that|this|it|you ?|really helped|helps ?|me|us ?|a_lot|very_much
    ?|i_am|we_are ?|very|so happy|satisfied|pleased
""")
SOLVED = phrases("""
    ok|okay|k
    ?|it_is|that_is|everything_is all|everything good|set|fine|well|clear|ok|okay|perfect ?|now|again
    got it
    ?|well received|noted|understood
    ?|it|that|this|everything|all ?|now works|worked ?|now|again|fine|great|perfectly|well|perfect ?|now|again
    ?|it|that|this|everything|all|now is_working ?|now|again|fine|great|perfectly|well ?|now|again
    ?|it|that|this|everything|problem|issue|the_problem|the_issue|all ?|is|was|has_been ?|now solved|fixed|resolved ?|now
    that did it
    that did the trick
""")
POLITE = phrases("""
    hi|hello|hey ?|there|all|team|everyone|both|guys|folks|again
    dear ?|all|team|everyone|support|sir|madam|sirs ?|or ?|sir|madam
    good morning|afternoon|evening|day
    ?|and have a nice|great|good|lovely|wonderful day|weekend|evening|week|one
    ?|and ?|a nice|great|good|lovely day|weekend|evening|week
    you too
    ?|with|and ?|my|our ?|all ?|very|kind|kindest|best|warm|warmest|many regards|wishes|greetings
    best
    br|kr
    yours ?|sincerely|faithfully|truly
    take care
    bye ?|bye
    happy new year
    merry christmas
    mr|mrs|ms|miss|dr
""")
KNOWN = THANKS | MORE | PRAISE | SOLVED | POLITE
LONGEST_PHRASE = max(map(len, KNOWN))
# After "thanks for": any of these, the last of them something to be thanked for.
FOR = frozenset(
    _words(
        """
        your the this that all of these those a an my our very so really such and with in me us
        quick quickly fast swift prompt promptly rapid kind great good excellent super
        amazing fantastic wonderful friendly speedy helpful detailed valuable nice
        immediate getting back to being
        """
    )
)
FOR_WHAT = frozenset(
    _words(
        """
        help helping reply replying response responding answer answering answers support
        assistance service time work effort efforts info information update updating
        feedback solution fix fixing solving resolving patience explanation explaining
        clarification understanding everything it that this action turnaround care
        attention advice kindness quickly promptly message mail email me us kind
        handling checking
        """
    )
)

# Words of a name that is not known begin with a capital; these do not make one.
NO_NAMES = frozenset(
    _words(
        """
        but however still not no now please when what why where how who which whose again
        broken problem problems issue error help wrong urgent refund reopen open closed same
        though although yet except unfortunately tomorrow today tonight yesterday next another
        other also question questions waiting wait failed fails failing never nothing
        cancel stop sorry can cannot could will would should shall may is are am was do does
        did it this that these if because more less order invoice return replace send call
        reply answer only almost nearly partly half maybe perhaps soon later then else until
        monday tuesday wednesday thursday friday saturday sunday january february march
        april june july august september october november december useless bad worse worst
        terrible awful poor late anyway whatever seriously really
        """
    )
)

CHINESE_THANKS = _words(
    """
    谢谢 謝謝 多谢 多謝 感谢 感謝 谢了 謝了 谢啦 謝啦 谢过 感激不尽 感激不盡 感激 感恩 致谢
    三克油 谢谢谢谢 谢 謝
    """
)
CHINESE = _words(
    """
    你 您 你们 您们 你們 您們 大家 各位 各位老师 客服 亲 老师 老師 团队 團隊 贵公司 贵司
    非常 十分 万分 萬分 太 真 真的 很 特别 特別 衷心 再次 也 还是要 表示 深表
    了 啊 啦 哦 呀 哈 嘛 的 噢 喔
    对 为 對 為 此
    帮助 幫助 帮忙 幫忙 支持 回复 回覆 回復 答复 解答 协助 協助 服务 服務 耐心 及时 及時 快速
    处理 處理 配合 关注 关心 热心 热情 细心 辛苦 辛苦了 辛苦您了 辛苦你了 麻烦您了 麻烦你了 麻煩您了
    费心了 费心 受累了
    收到 收到了 已收到 好的 好 好滴 好嘞 嗯 嗯嗯 行 可以了 已解决 已经解决 已解決 解决了 解決了
    问题已解决 问题解决了 问题已经解决 問題已解決 搞定 搞定了 没问题了 沒問題了 明白 明白了 知道了
    了解 了解了 正常了 已经好了 已经可以了 恢复正常了
    您好 你好 早上好 下午好 晚上好
    太好了 太棒了 很好 真棒 赞 讚 给力 棒 满意 滿意 很满意 非常满意 服务很好 态度很好 好评
    祝好 此致 敬礼 敬禮 顺祝商祺 順頌商祺 祝您 祝你 祝 生活愉快 工作顺利 工作順利 周末愉快
    一切顺利 身体健康 万事如意 节日快乐 新年快乐 再见 晚安
    """
)
CHINESE_KNOWN = frozenset([*CHINESE_THANKS, *CHINESE])
LONGEST_CHINESE = max(map(len, CHINESE_KNOWN))
SIGN_OFFS = phrases("""
    ?|with|and ?|my|our ?|all ?|very|kind|kindest|best|warm|warmest|many regards|wishes|greetings
    best
    br|kr
    yours ?|sincerely|faithfully|truly
    sincerely
    cheers
    thanks
""") | {("祝好",), ("此致",), ("敬礼",), ("顺祝商祺",)}
