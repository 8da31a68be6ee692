// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/probe.hpp"

#include "milter/starttls/probe_run.hpp"

#include <boost/asio/post.hpp>

namespace sendconnector::starttls {

namespace {

class Handle final : public Probe {
public:
    explicit Handle(std::shared_ptr<ProbeRun> run) : m_run(std::move(run)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override { m_run->cancel(); }

private:
    std::shared_ptr<ProbeRun> m_run;
};

} // namespace

Probe::~Probe() = default;

std::unique_ptr<Probe> Probe::start(boost::asio::io_context& context, boost::asio::ip::tcp::endpoint endpoint,
                                    ProbeIdentity identity, ProbeLimits limits, Done done) {
    auto run = std::make_shared<ProbeRun>(context, std::move(endpoint), std::move(identity), limits,
                                          std::move(done));
    auto handle = std::make_unique<Handle>(run);
    // Not from within here: the caller has no handle yet.
    boost::asio::post(context, [run] { run->begin(); });
    return handle;
}

} // namespace sendconnector::starttls
