@RestController
@RequestMapping("/api/orders")
class Orders {
  @PostMapping
  Order create() {}
  @PostMapping("/{id}/pay")
  Order pay() {}
  @DeleteMapping(value = "/{id}")
  void cancel() {}
}
