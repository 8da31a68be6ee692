// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_report.hpp"

#include "milter/mail_header/encoded_words.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using namespace mail_header;

Json seconds_or_null(const std::optional<std::chrono::seconds>& length) {
    return length ? Json(length->count()) : Json();
}

const char* word(Weight weight) {
    switch (weight) {
    case Weight::good:
        return "good";
    case Weight::doubtful:
        return "doubtful";
    case Weight::bad:
        return "bad";
    case Weight::neutral:
        break;
    }
    return "neutral";
}

Json json_of(const TlsStatement& tls) {
    if (!tls.is_encrypted)
        return {};
    return {{"protocol", text_or_null(tls.protocol)},
            {"cipher", text_or_null(tls.cipher)},
            {"bits", tls.bits > 0 ? Json(tls.bits) : Json()}};
}

Json json_of(const LeftThrough* left) {
    if (left == nullptr)
        return {};
    Json names = Json::array();
    for (const policy::SendConnector* connector : left->connectors)
        names.push_back(connector->name);
    return {{"names", std::move(names)}, {"evidence", left->evidence}, {"guess", left->is_guess}};
}

Json json_of(const Hop& hop, std::size_t number, const LeftThrough* left) {
    const Received& received = hop.received;
    return {{"hop", number},
            {"from", text_or_null(received.from)},
            {"from_name", text_or_null(received.from_name)},
            {"from_address", text_or_null(received.from_address)},
            {"by", text_or_null(received.by)},
            {"by_address", text_or_null(received.by_address)},
            {"software", text_or_null(received.software)},
            {"with", text_or_null(received.with)},
            {"via", text_or_null(received.via)},
            {"id", text_or_null(received.id)},
            {"for", text_or_null(received.recipient)},
            {"login", text_or_null(received.login)},
            {"note", text_or_null(received.note)},
            {"tls", json_of(received.tls)},
            {"time", received.time ? Json(utc_text(received.time->time)) : Json()},
            {"stated", text_or_null(received.stamp)},
            {"delay", seconds_or_null(hop.delay)},
            {"clock_skew", hop.is_skewed()},
            {"beside_clock_skew", hop.is_beside_skew},
            {"connector", json_of(left)},
            {"line", hop.line}};
}

Json json_of(const Statement& statement) {
    Json results = Json::array();
    for (const MethodResult& result : statement.results) {
        Json properties = Json::array();
        for (const auto& [name, value] : result.properties)
            properties.push_back({{"name", name}, {"value", value}});
        results.push_back({{"method", result.method},
                           {"result", result.result},
                           {"reason", text_or_null(result.reason)},
                           {"comment", text_or_null(result.comment)},
                           {"properties", std::move(properties)}});
    }
    return {{"field", statement.field},
            {"server", text_or_null(statement.server)},
            {"results", std::move(results)},
            {"line", statement.line}};
}

Json json_of(const Signature& signature) {
    return {{"domain", text_or_null(signature.domain)},
            {"selector", text_or_null(signature.selector)},
            {"algorithm", text_or_null(signature.algorithm)}};
}

Json json_of(const ArcSet& set) {
    Json seal;
    if (set.seal) {
        seal = json_of(*set.seal);
        seal["chain"] = text_or_null(set.seal->chain);
    }
    return {{"instance", set.instance},
            {"seal", std::move(seal)},
            {"signature", set.signature ? json_of(*set.signature) : Json()},
            {"results", set.results ? json_of(*set.results) : Json()}};
}

Json json_of(const Authentication& authentication) {
    Json json;
    for (const std::string_view method : verdict_methods) {
        const MethodResult* verdict = authentication.verdict(method);
        json[std::string(method)] =
            verdict == nullptr ? Json()
                               : Json{{"result", verdict->result},
                                      {"stated_by", text_or_null(authentication.stated_by(method)->server)}};
    }
    json["statements"] = Json::array();
    for (const Statement& statement : authentication.statements)
        json["statements"].push_back(json_of(statement));
    json["signatures"] = Json::array();
    for (const Signature& signature : authentication.signatures)
        json["signatures"].push_back(json_of(signature));
    json["arc_sets"] = Json::array();
    for (const ArcSet& set : authentication.arc)
        json["arc_sets"].push_back(json_of(set));
    json["arc_whole"] = authentication.arc.empty() ? Json() : Json(authentication.is_arc_whole);
    return json;
}

Json json_of(const DecodedField& field) {
    Json details = Json::array();
    for (const Detail& detail : field.details)
        details.push_back({{"name", detail.name},
                           {"value", detail.value},
                           {"meaning", text_or_null(detail.meaning)},
                           {"weight", word(detail.weight)}});
    return {{"name", field.name},
            {"family", field.family == DecodedField::Family::exchange ? "exchange" : "antispam"},
            {"details", std::move(details)},
            {"line", field.line}};
}

Json json_of(const std::optional<QueuedWay>& queued) {
    if (!queued)
        return {};
    Json recipients = Json::array();
    for (const QueuedWay::Recipient& recipient : queued->recipients)
        recipients.push_back({{"to", recipient.address},
                              {"route", recipient.route},
                              {"service", text_or_null(recipient.service)}});
    return {{"queue_id", queued->queue_id},
            {"queue", queued->queue},
            {"filter", text_or_null(queued->filter)},
            {"recipients", std::move(recipients)}};
}

} // namespace

Json json_of(const HeadersReport& report) {
    const Analysis& analysis = report.analysis;
    Json summary = Json::object();
    for (const SummaryLine& line : analysis.summary)
        summary[line.name] = line.value;
    Json hops = Json::array();
    for (std::size_t i = 0; i < analysis.way.hops.size(); ++i)
        hops.push_back(json_of(analysis.way.hops[i], i + 1, report.left_at(i)));
    Json decoded_fields = Json::array();
    for (const DecodedField& field : analysis.decoded)
        decoded_fields.push_back(json_of(field));
    Json others = Json::array();
    for (const std::size_t index : analysis.others) {
        const Field& field = analysis.header.fields[index];
        others.push_back({{"name", field.name}, {"value", decoded(field.value)}, {"line", field.line}});
    }
    Json remarks = Json::array();
    for (const Remark& remark : analysis.remarks)
        remarks.push_back({{"text", remark.text}, {"weight", word(remark.weight)}});
    return {{"source", report.source},
            {"summary", std::move(summary)},
            {"sent", analysis.sent ? Json(utc_text(analysis.sent->time)) : Json()},
            {"delivered_after", seconds_or_null(analysis.delivered_after)},
            {"hops", std::move(hops)},
            {"total", seconds_or_null(analysis.way.total)},
            {"slowest_hop", analysis.way.slowest ? Json(*analysis.way.slowest + 1) : Json()},
            {"queued", json_of(report.queued)},
            {"authentication", json_of(analysis.authentication)},
            {"decoded", std::move(decoded_fields)},
            {"others", std::move(others)},
            {"remarks", std::move(remarks)}};
}

} // namespace sendconnector::ctl
