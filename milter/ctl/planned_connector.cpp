// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/planned_connector.hpp"

#include "conf/plain_text.hpp"
#include "milter/ctl/change_report.hpp"
#include "milter/ctl/configuration_edit.hpp"
#include "milter/ctl/text_difference.hpp"

#include <algorithm>

namespace sendconnector::ctl {
namespace {

std::vector<Error> refusals(const std::vector<conf::Finding>& findings, const CmdletPlan& plan) {
    std::vector<Error> errors;
    for (const conf::Finding& finding : findings)
        if (finding.severity != conf::Severity::warning)
            errors.push_back(is_about(finding, plan) ? in_parameters(finding)
                                                     : Error{conf::to_string(finding)});
    return errors;
}

// Line by line, for a name in it may hold what a terminal would obey.
std::string shown(const std::string& content) {
    std::string lines;
    for (std::size_t begin = 0; begin < content.size();) {
        const std::size_t end = std::min(content.find('\n', begin), content.size());
        lines += conf::escaped(std::string_view(content).substr(begin, end - begin)) + "\n";
        begin = end + 1;
    }
    return lines;
}

} // namespace

tl::expected<PlannedConnector, std::vector<Error>> planned_connector(const Context& context,
                                                                     const conf::exchange::Cmdlet& cmdlet) {
    Result<ConfigurationEdit> edit = ConfigurationEdit::begin(context);
    if (!edit)
        return tl::unexpected(std::vector<Error>{edit.error()});
    auto plan = plan_change(cmdlet, context.invocation(), *edit);
    if (!plan)
        return tl::unexpected(plan.error());
    conf::Loaded loaded = context.load(edit->changes());
    if (!loaded.configuration)
        return tl::unexpected(refusals(loaded.findings, *plan));
    std::string preview;
    for (const conf::FileChange& change : edit->changes()) {
        const auto now = edit->text_now(change.file);
        preview += now ? text_difference(change.file.string(), now, change.content)
                       : shown(change.content.value_or(""));
    }
    return PlannedConnector{std::move(*plan), std::move(*loaded.configuration), std::move(loaded.findings),
                            std::move(preview)};
}

} // namespace sendconnector::ctl
