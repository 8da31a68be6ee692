// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/step_kind.hpp"

#include "milter/mail_log/log_line.hpp"

namespace sendconnector::mail_log {
namespace {

std::string_view program_of(std::string_view tag) {
    return LogLine{.tag = tag}.program();
}

Step::Kind kind_of_delivery(const Delivery& delivery) {
    if (delivery.status == "sent" || delivery.status == "delivered")
        return Step::Kind::delivered;
    if (delivery.status == "deferred" || delivery.status == "undeliverable")
        return Step::Kind::deferred;
    return delivery.status == "bounced" ? Step::Kind::bounced : Step::Kind::other;
}

// Of "from=<ADDRESS>, size=...". The address may hold anything.
std::string_view behind_sender(std::string_view said) {
    const auto from = leading_address(said, "from=");
    return from ? said.substr(from->size() + 7) : std::string_view();
}

} // namespace

Step::Kind kind_of(const Step& step) {
    const std::string_view said = step.text;
    const std::string_view program = program_of(step.tag);
    if (step.tag == "sendconnectord")
        return said.starts_with("action=reject") || said.starts_with("action=tempfail") ? Step::Kind::refused
                                                                                        : Step::Kind::decided;
    if (step.delivery)
        return kind_of_delivery(*step.delivery);
    if (said.starts_with("client="))
        return Step::Kind::received;
    if (said.starts_with("uid="))
        return Step::Kind::submitted;
    if (said.starts_with("message-id=") || said.starts_with("resent-message-id="))
        return Step::Kind::message_id;
    if (said.starts_with("from=<"))
        return behind_sender(said).starts_with(", status=expired") ? Step::Kind::expired : Step::Kind::queued;
    if (said.starts_with("milter-reject: ") || said.starts_with("reject: ") || said.starts_with("discard: "))
        return Step::Kind::refused;
    if (said.starts_with("milter-header-filter: ") || said.starts_with("filter: "))
        return Step::Kind::routed;
    if (said == "removed")
        return Step::Kind::removed;
    if (program == "bounce" && said.find(" notification: ") != std::string_view::npos)
        return Step::Kind::notice;
    return Step::Kind::other;
}

std::string_view word(Step::Kind kind) {
    switch (kind) {
    case Step::Kind::received:
        return "received";
    case Step::Kind::submitted:
        return "submitted";
    case Step::Kind::message_id:
        return "message-id";
    case Step::Kind::decided:
        return "decided";
    case Step::Kind::routed:
        return "routed";
    case Step::Kind::queued:
        return "queued";
    case Step::Kind::delivered:
        return "delivered";
    case Step::Kind::handed_over:
        return "handed over";
    case Step::Kind::deferred:
        return "deferred";
    case Step::Kind::bounced:
        return "bounced";
    case Step::Kind::expired:
        return "expired";
    case Step::Kind::refused:
        return "refused";
    case Step::Kind::notice:
        return "notice";
    case Step::Kind::removed:
        return "removed";
    case Step::Kind::other:
        break;
    }
    return "said";
}

} // namespace sendconnector::mail_log
