// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/attach_report.hpp"

#include "conf/plain_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {

ExitCode change_attachment(Context& context, const conf::Configuration& configuration,
                           AttachFunction function, std::string_view already) {
    const std::string& directory = configuration.postfix.config_directory;
    Result<conf::postfix::Instance> instance = conf::postfix::Instance::open(directory);
    if (!instance)
        return context.fail(instance.error());
    const Result<conf::postfix::AttachReport> report = function(configuration, *instance);
    if (!report) {
        context.fail(report.error());
        return ExitCode::no;
    }
    if (context.json()) {
        context.print_json(Json{{"config_directory", directory},
                                {"changed", report->changed},
                                {"notes", report->notes},
                                {"postfix_reloaded", report->postfix_reloaded}});
        return ExitCode::fine;
    }
    for (const std::string& line : report->changed)
        context.print(conf::escaped(line) + "\n");
    for (const std::string& line : report->notes)
        context.note(line);
    if (report->changed.empty())
        context.print(fmt::format("{}: {}; nothing to do\n", directory, already));
    else
        context.print(report->postfix_reloaded ? "Postfix reloaded\n"
                                               : "Postfix is not running and takes it when it starts\n");
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
