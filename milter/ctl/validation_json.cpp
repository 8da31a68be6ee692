// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"
#include "milter/ctl/certificate_words.hpp"
#include "milter/ctl/tls_words.hpp"
#include "milter/ctl/validation_view.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

Json json_of(const policy::Certificate& certificate, std::chrono::sys_seconds now) {
    return {{"subject", certificate.subject()},
            {"issuer", certificate.issuer()},
            {"serial", certificate.serial()},
            {"key", certificate.key()},
            {"signature", certificate.signature_algorithm()},
            {"not_before", moment_of(certificate.not_before())},
            {"not_after", moment_of(certificate.not_after())},
            {"days_left", days_between(now, certificate.not_after())},
            {"fingerprint", certificate.fingerprint()}};
}

Json revocation_json(const policy::Verdict& verdict) {
    Json array = Json::array();
    for (const policy::RevocationStatus& status : verdict.revocation) {
        Json findings = Json::array();
        for (const policy::RevocationFinding& finding : status.findings)
            findings.push_back({{"source", finding.source},
                                {"state", word(finding.state)},
                                {"text", text_or_null(finding.text)},
                                {"next_update", finding.next_update == std::chrono::sys_seconds{}
                                                    ? Json()
                                                    : Json(moment_of(finding.next_update))}});
        array.push_back({{"certificate", status.certificate}, {"findings", std::move(findings)}});
    }
    return array;
}

Json verdict_json(const policy::Verdict& verdict) {
    Json flaws = Json::array();
    for (const policy::CertificateFlaw& flaw : verdict.flaws)
        flaws.push_back({{"reason", to_string(flaw.reason)},
                         {"certificate", text_or_null(flaw.certificate)},
                         {"text", flaw.text},
                         {"advice", text_or_null(flaw.advice)}});
    return {{"accepted", verdict.accepted()},
            {"flaws", std::move(flaws)},
            {"good_until", verdict.accepted() ? Json(moment_of(verdict.good_until)) : Json()},
            {"revocation", revocation_json(verdict)}};
}

Json json_of(const starttls::AddressReport& address, const Judged& judged, std::chrono::sys_seconds now) {
    const starttls::ProbeResult& probe = address.probe;
    Json chain = Json::array();
    const std::vector<policy::Certificate> certificates = chain_of(address);
    for (const policy::Certificate& certificate : certificates)
        chain.push_back(json_of(certificate, now));
    return {
        {"address", address_text(address.address.endpoint)},
        {"host", address.address.host},
        {"result", word(judged.result)},
        {"reason", text_or_null(judged.reason)},
        {"advice", text_or_null(judged.advice)},
        {"stage", to_string(probe.stage)},
        {"greeting", text_or_null(probe.greeting)},
        {"ehlo", probe.ehlo},
        {"protocol", text_or_null(probe.protocol)},
        {"cipher", text_or_null(probe.cipher)},
        {"client_certificate_wanted", probe.client_certificate_wanted},
        {"elapsed_ms", probe.elapsed.count()},
        {"chain", std::move(chain)},
        {"trusted", ends_trusted(address)},
        {"dns_names", certificates.empty() ? Json::array() : Json(certificates.front().dns_names())},
        {"ip_addresses", certificates.empty() ? Json::array() : Json(certificates.front().ip_addresses())},
        {"verdict", address.verdict ? verdict_json(*address.verdict) : Json()}};
}

Json json_of(const TriedHop& tried, std::chrono::sys_seconds now) {
    Json addresses = Json::array();
    for (std::size_t i = 0; i < tried.addresses.size(); ++i)
        addresses.push_back(json_of(tried.report.addresses[i], tried.addresses[i], now));
    Json json = {{"next_hop", tried.hop.next_hop},
                 {"result", word(tried.judged.result)},
                 {"reason", text_or_null(tried.judged.reason)},
                 {"advice", text_or_null(tried.judged.advice)},
                 {"addresses_reason", text_or_null(tried.report.resolved.reason)},
                 {"addresses", std::move(addresses)},
                 {"login", Json()}};
    if (tried.login)
        json["login"] = {{"result", word(tried.login->result)},
                         {"mechanism", text_or_null(tried.login->mechanism)},
                         {"text", text_or_null(tried.login->text)}};
    return json;
}

} // namespace

Json json_of(const TriedConnector& connector, std::chrono::sys_seconds now) {
    Json hops = Json::array();
    for (const TriedHop& hop : connector.hops)
        hops.push_back(json_of(hop, now));
    return {{"connector", connector.connector->name},
            {"service", conf::service_name(connector.connector->name)},
            {"rule", tls_short(*connector.connector)},
            {"rule_text", tls_rule(*connector.connector)},
            {"result", connector.hops.empty() && !connector.failure ? Json("nothing_tried")
                                                                    : Json(word(connector.result()))},
            {"error", connector.failure ? Json(to_string(*connector.failure)) : Json()},
            {"remarks", connector.remarks},
            {"next_hops", std::move(hops)}};
}

} // namespace sendconnector::ctl
