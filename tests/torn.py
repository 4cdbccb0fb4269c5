"""A filing as the text of a published report, torn as word processors and web pages tear it.

Written apart from the reader: page breaks inside tables, label columns that vanish after a break, spaces inside
words, a padding field at the end of some rows.
"""

from __future__ import annotations

from collections.abc import Callable

from gongkai.filing import Filing
from tests.helpers import APPLICANTS

GROUPS = {
    "refused": ("(三) 不 予公开", [
        ("state_secret", "1. 属于国家秘密"), ("prohibited_by_law", "2. 其他法律行政法规禁止公开"),
        ("security_and_stability", "3. 危及“三安全一稳定”"), ("third_party", "4. 保护第三方合法权益"),
        ("internal_affairs", "5. 属于三类内部事务信息"), ("deliberative_process", "6. 属于四类过程性信息"),
        ("enforcement_file", "7. 属于行政执法案卷"), ("administrative_query", "8. 属于行政查询事项"),
    ]),
    "unavailable": ("(四) 无法提供", [
        ("not_held", "1. 本机关不掌握相关政府信息"), ("needs_creation", "2. 没有现成信息需要另行制作"),
        ("still_unclear", "3. 补正后申请内容仍不明确"),
    ]),
    "not_processed": ("(五) 不予处理", [
        ("petition", "1. 信访举报投诉类申请"), ("repeated", "2. 重复申请"), ("publication", "3. 要求提供公开出版物"),
        ("excessive", "4. 无正当理由大量反复申请"), ("reconfirmation", "5. 要求行政机关确认或重新出具已获取信息"),
    ]),
    "other": ("(六) 其他处理", [
        ("uncorrected", "1. 申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
        ("fee_unpaid", "2. 申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
        ("other", "3. 其他"),
    ]),
}  # fmt: skip


def _of_2019(at: Callable[[str], str]) -> list[list[str]]:
    def line(label: str, row: str, *columns: str) -> list[str]:
        return [label, *(at(f"disclosure.{row}.{column}") for column in columns)]

    documents = ("newly_made", "newly_published", "published_total")
    matters = ("items_last_year", "change", "decisions")
    return [
        ["第二十条第（一）项", "", "", "", " "],
        ["信息内容", "本年新 制作数量", "本年新 公开数量", "对外公开 总数量", ""],
        [*line("规章", "regulations", *documents), ""], [*line("规范性文件", "normative_documents", *documents), ""],
        ["第二十条第（五）项", "", "", "", " "], ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量", ""], [""],
        line("行政许可", "licences", *matters), line("其他对外管理服务事项", "other_services", *matters),
        ["第二十条第（六）项", "", "", ""], ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"],
        line("行政处罚", "penalties", *matters), line("行政强制", "coercion", *matters),
        ["第二十条第（八）项", "", ""], ["信息内容", "上一年项目数量", "本年增/减"],
        line("行政事业性收费", "fees", "items_last_year", "change"),
        ["第二十条第（九）项", "", ""], ["信息内容", "采购项目数量", "采购总金额"],
        line("政府集中采购", "procurement", "projects", "amount"),
    ]  # fmt: skip


def _of_2021(at: Callable[[str], str]) -> list[list[str]]:
    kinds = [[at(f"disclosure.{kind}.{each}") for each in ("made", "repealed", "in_force")]
             for kind in ("regulations", "normative_documents")]  # fmt: skip
    decisions = {kind: at(f"disclosure.{kind}.decisions") for kind in ("licences", "penalties", "coercion")}
    return [
        ["第二十条第（一）项", "", "", " "],
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", *kinds[0]], ["行政规范性文件", *kinds[1]],
        ["第二十条第（五）项", "", "", " "], ["信息内容", "本年处理决定数量", "", ""], [""],
        ["行政许可", decisions["licences"]],
        ["第二十条第（六）项", ""], ["信息内容", "本年处理决定数量"],
        ["行政处罚", decisions["penalties"]], ["行政强制", decisions["coercion"]],
        ["第二十条第（八）项", ""], ["信息内容", "本年收费金额（单位：万元）"],
        ["行政事业性收费", at("disclosure.fees.amount")],
    ]  # fmt: skip


EDITIONS = {"2019": (_of_2019, GROUPS | {"other": ("(六) 其他处理", [("all", "")])}), "2021": (_of_2021, GROUPS)}


def torn_text(filing: Filing) -> str:
    """The text of a report with the tables of `filing`; the prose is fixed."""

    def at(address: str) -> str:
        return filing.cells[address].raw

    def requests(row: str) -> list[str]:
        return [at(f"requests.{row}.{column}") for column in (*APPLICANTS, "total")]

    disclosure, groups = EDITIONS[filing.edition]
    lines: list[list[str]] = [
        ["", ""], [f"{filing.agency}"], [f"{filing.year} 年政府信息公开工作年度报告"], [""],
        [f"本报告依条例编制，所列数据统计期限为 {filing.year} 年 1 月 1 日至 {filing.year} 年 12 月 31 日。"],
        ["一、总体情况"], ["本年工作平稳有序。"],
        ["（一）主动公开情况"], ["全年更新栏目十二个。"],
        ["（二）依申请公开情况"], ["申请渠道保持畅通。"],
        ["（三）政府信息管理情况"], ["公开前逐件审查。"],
        ["（四）平台建设情况"], ["网站改版一次。"],
        ["（五）监督保障情况"], ["组织培训两期。", ],
        ["二、主动公开政府信息情况"],
        *disclosure(at),
        ["三、收到和处理政府信息公开申请情况"],
        ["(本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和)", "", "申请人情况", *[""] * 5, "总计", ""],
        ["", "", "自然 人", "法人或其他组织", *[""] * 6],
        ["", "", "", "商业 企业", "科研 机构", "社会 公益 组织", "法律 服务 机构", "其他", "", ""],
        ["一、本年新收政府信息公开申请数量", "", *requests("received"), ""],
        ["二、上年结转政府信息公开申请数量", "", *requests("carried_in"), ""],
        ["三、本 年度办 理结果", "(一) 予以公开", *requests("granted"), ""],
        ["", "(二) 部分公开（区分处理的，只计这一情形， 不计其他情形）", *requests("partly_granted"), ""],
    ]  # fmt: skip
    for group, (label, rows) in groups.items():
        for number, (row, printed) in enumerate(rows):
            values = requests(f"{group}.{row}")
            if group == "refused" and number < 2:
                lines.append(["", label if number == 0 else "", printed, *values])
            else:
                if group == "refused" and number == 2:
                    lines.append([""])
                lines.append([label if number == 0 and group != "refused" else "", printed, *values])
    lines += [
        [""], ["(七) 总计", *requests("processed")], ["四、结转下年度继续办理", *requests("carried_out")],
        ["四、政府信息公开行政复议、行政诉讼情况"],
        ["行政复议", *[""] * 4, "行政诉讼", *[""] * 9],
        ["结果 维持", "结果 纠正", "其他 结果", "尚未 审结", "总计", "未经复议直接起诉", *[""] * 4,
         "复议后起诉", *[""] * 4],
        [*[""] * 5, *["结果 维持", "结果 纠正", "其他 结果", "尚未 审结", "总计"] * 2],
        [at(address) for address in filing.cells if address.startswith("disputes.")],
        ["五、存在的主要问题及改进情况"], ["问题是栏目更新不够及时，改进措施是每周巡查一次。"],
        ["六、其他需要报告的事项"], ["本年未收取信息处理费。"], [""],
        [f"{filing.agency}"], [f"{(filing.year or 0) + 1}年1月20日"],
    ]  # fmt: skip
    return "\n".join("\t".join(fields) for fields in lines) + "\n"
