// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/recipient.hpp"

namespace sendconnector::filter {

bool is_ours(const Recipient& recipient, std::string_view refusal) {
    if (!recipient.mailer) {
        return false;
    }
    const auto mailer = *recipient.mailer;
    if (mailer == "error") {
        return !refusal.empty() && recipient.host == refusal;
    }
    return mailer.starts_with("sc-");
}

std::string_view address_of(std::string_view path) {
    if (path.size() >= 2 && path.front() == '<' && path.back() == '>') {
        path.remove_prefix(1);
        path.remove_suffix(1);
    }
    return path;
}

std::string_view domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

} // namespace sendconnector::filter
