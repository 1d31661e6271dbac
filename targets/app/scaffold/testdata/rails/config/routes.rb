Rails.application.routes.draw do
  get "up" => "rails/health#show"
  post "/buy", to: "orders#create"
  post "orders/:id/pay(.:format)", to: "orders#pay"
end
