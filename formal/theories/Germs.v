(** * Expansions of the named functions at 0 from their differential equations, and series as numbers for scalar programs. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Intervals Elementary Bell Enclosure Asymptotics.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Definition bind {A B} (o : option A) (f : A -> option B) : option B := match o with Some a => f a | None => None end.
Lemma bind_some {A B} (o : option A) (f : A -> option B) b : bind o f = Some b -> exists a, o = Some a /\ f a = Some b.
Proof. destruct o; [eauto|easy]. Qed.
Ltac unbind := repeat match goal with H : bind _ _ = Some _ |- _ => let a := fresh "a" in let E := fresh "E" in apply bind_some in H as (a & E & H) end.

Lemma derive_bounded (F F' : R -> R) : near0 (fun z => is_derive F z (F' z)) -> bounded F.
Proof.
  intros D. apply near0_0 in D. cbv beta in D.
  assert (C : continuous F 0) by (apply (ex_derive_continuous F); eexists; exact D).
  destruct (proj1 (filterlim_locally F (F 0)) C (mkposreal 1 Rlt_0_1)) as [e He].
  exists (Rabs (F 0) + 1). split; [assert (P := Rabs_pos (F 0)); lra|]. exists e. split; [apply cond_pos|]. intros t Ht.
  assert (B : ball 0 e t) by (change (Rabs (t + - 0) < e); now rewrite Ropp_0, Rplus_0_r).
  apply He in B. change (Rabs (F t + - F 0) < 1) in B.
  assert (T := Rabs_triang (F t + - F 0) (F 0)). replace (F t + - F 0 + F 0) with (F t) in T by ring. lra.
Qed.
Lemma inverse_not_at_0 (d : R) : ~ is_derive Rinv 0 d.
Proof.
  intros D. assert (C : continuous Rinv 0) by (apply (ex_derive_continuous Rinv); eexists; exact D).
  destruct (proj1 (filterlim_locally Rinv (/ 0)) C (mkposreal 1 Rlt_0_1)) as [e He]. assert (P := cond_pos e).
  assert (Q : 0 < Rabs (/ 0) + 2) by (assert (X := Rabs_pos (/ 0)); lra). set (t := Rmin (e / 2) (/ (Rabs (/ 0) + 2))).
  assert (Q' := Rinv_0_lt_compat _ Q). assert (T : 0 < t) by (unfold t; apply Rmin_pos; lra). assert (T1 := Rmin_l (e / 2) (/ (Rabs (/ 0) + 2))). assert (T2 := Rmin_r (e / 2) (/ (Rabs (/ 0) + 2))).
  fold t in T1, T2. assert (B : ball 0 e t) by (change (Rabs (t + - 0) < e); rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq; lra).
  apply He in B. change (Rabs (/ t + - / 0) < 1) in B.
  assert (V : Rabs (/ 0) + 2 <= / t) by (rewrite <- (Rinv_inv (Rabs (/ 0) + 2)); apply Rinv_le_contravar; lra).
  apply Rabs_lt_between in B. assert (X := Rle_abs (/ 0)). lra.
Qed.

(** the functions whose expansions are computed here; the others are made of them *)
Inductive primitive := P_exp | P_sin | P_cos | P_atan | P_bell | P_bell2 | P_ln.
Definition primitive_fun (p : primitive) : R -> R :=
  match p with
  | P_exp => exp | P_sin => sin | P_cos => cos | P_atan => atan | P_bell => bell_integral | P_bell2 => bell2_integral | P_ln => fun z => ln (1 + z)
  end.
Definition value_at_0 (p : primitive) : Q := match p with P_exp | P_cos => 1 | _ => 0 end.
Lemma value_at_0_ok p : primitive_fun p 0 = Q2R (value_at_0 p).
Proof.
  destruct p; cbn [primitive_fun value_at_0]; rewrite ?Q2R_1, ?Q2R_0.
  - apply exp_0.
  - apply sin_0.
  - apply cos_0.
  - apply atan_0.
  - apply bell_integral_0.
  - unfold bell2_integral. rewrite Rmult_0_l, bell_integral_0. ring.
  - rewrite Rplus_0_r. apply ln_1.
Qed.

Section Jets.
Variable K : numbers.
Let T := carrier K.
Variable const : constant -> option T.
Variable n : nat.
Let expands := expands K.

(** a series, and its constant term as a rational number where it is known *)
Definition series := (option Q * list T)%type.
Definition germ (f : R -> R) (s : series) : Prop := (forall q, fst s = Some q -> f 0 = Q2R q) /\ expands f (snd s).
Lemma germ_near f g s : near0 (fun t => f t = g t) -> germ f s -> germ g s.
Proof. intros E [A B]. split; [|now apply (expands_near K _ f)]. intros q Hq. rewrite <- (A q Hq). symmetry. exact (near0_0 _ E). Qed.
Lemma germ_same f g s : (forall t, f t = g t) -> germ f s -> germ g s.
Proof. intros H. apply germ_near. now apply near0_all. Qed.

Definition e_add (a b : option Q) : option Q := match a, b with Some p, Some q => Some (qadd p q) | _, _ => None end.
Definition e_mul (a b : option Q) : option Q :=
  match a, b with
  | Some p, Some q => Some (qmul p q)
  | Some p, None | None, Some p => if qzero p then Some 0%Q else None
  | None, None => None end.
Definition g_q (q : Q) : option series := bind (of_q K q) (fun a => Some (Some q, s_constant K n a)).
Definition g_plus (x y : series) : series := (e_add (fst x) (fst y), s_add K (snd x) (snd y)).
Definition g_times (x y : series) : series := (e_mul (fst x) (fst y), s_mul K (snd x) (snd y)).
Definition g_neg (x : series) : option series := bind (of_q K (-1 # 1)) (fun a => Some (match fst x with Some q => Some (qopp q) | None => None end, s_scale K a (snd x))).
Definition g_inv (x : series) : option series :=
  match snd x with
  | a :: k => bind (act K Inverse a) (fun ie => bind (of_q K (-1 # 1)) (fun m =>
      Some (match fst x with Some q => Some (qinv q) | None => None end, s_inverse K (length (snd x)) (fst ie) (mul K m (fst ie)) k)))
  | [] => None end.
Lemma g_q_ok q x : g_q q = Some x -> germ (fun _ => Q2R q) x.
Proof. unfold g_q. intros H. unbind. injection H as <-. split; [now intros ? [= <-]|]. apply s_constant_ok. now apply of_q_ok. Qed.
Lemma g_plus_ok f g x y : germ f x -> germ g y -> germ (fun t => f t + g t) (g_plus x y).
Proof.
  intros [A B] [C D]. split; [|now apply s_add_ok]. cbn [g_plus fst]. intros q H. unfold e_add in H.
  destruct (fst x) as [p|]; [|easy]. destruct (fst y) as [p'|]; [|easy]. injection H as <-. rewrite qadd_ok. now rewrite (A p), (C p').
Qed.
Lemma g_times_ok f g x y : germ f x -> germ g y -> germ (fun t => f t * g t) (g_times x y).
Proof.
  intros [A B] [C D]. split; [|now apply s_mul_ok]. cbn [g_times fst]. intros q H. unfold e_mul in H.
  destruct (fst x) as [p|]; destruct (fst y) as [p'|]; try easy.
  - injection H as <-. rewrite qmul_ok. now rewrite (A p), (C p').
  - destruct (qzero p) eqn:E; [|easy]. injection H as <-. rewrite (A p), (qzero_ok p E), Q2R_0 by reflexivity. ring.
  - destruct (qzero p') eqn:E; [|easy]. injection H as <-. rewrite (C p'), (qzero_ok p' E), Q2R_0 by reflexivity. ring.
Qed.
Lemma minus_one a : of_q K (-1 # 1) = Some a -> stands K (-1) a.
Proof. intros H. apply of_q_ok in H. replace (-1) with (Q2R (-1 # 1)) by (unfold Q2R; cbn; lra). exact H. Qed.
Lemma g_neg_ok f x y : germ f x -> g_neg x = Some y -> germ (fun t => - f t) y.
Proof.
  intros [A B] H. unfold g_neg in H. unbind. injection H as <-. split; cbn [fst snd].
  - intros q Hq. destruct (fst x) as [p|]; [|easy]. injection Hq as <-. rewrite qopp_ok. now rewrite (A p).
  - apply (expands_same K _ (fun t => -1 * f t)); [intros t; ring|]. apply s_scale_ok; [now apply minus_one|exact B].
Qed.
Lemma g_inv_ok f x y : germ f x -> g_inv x = Some y -> near0 (fun t => f t <> 0) /\ germ (fun t => / f t) y.
Proof.
  intros [A B] H. unfold g_inv in H. destruct x as [e l]; cbn [fst snd] in *. destruct l as [|a k]; [easy|]. unbind. injection H as <-. destruct a0 as [i d].
  destruct B as (c & g & B1 & B2 & B3). destruct (act_ok K _ _ _ _ _ B1 E) as (V & r' & D & _). cbn [shape_fun] in V, D.
  assert (Hc : c <> 0) by (intros ->; exact (inverse_not_at_0 _ D)).
  assert (N := expands_unit f c g Hc (expands_bounded K _ _ B2) B3). split; [exact N|]. split; cbn [fst snd].
  - intros q Hq. destruct e as [p|]; [|easy]. injection Hq as <-. assert (N0 := near0_0 _ N). cbv beta in N0. rewrite (A p eq_refl) in *. now rewrite qinv_ok.
  - change (Asymptotics.expands K (fun t => / f t) (s_inverse K (S (length k)) i (mul K a1 i) k)).
    apply (s_inverse_ok K _ f g c); auto. replace (- / c) with (-1 * / c) by ring. apply mul_ok; [now apply minus_one|exact V].
Qed.
Definition g_compose (js : list T) (v : Q) (x : series) : option series :=
  match fst x, snd x with Some q, _ :: _ => if qzero q then Some (Some v, s_compose K js (snd x)) else None | _, _ => None end.
Lemma g_compose_ok s js v f x y : expands s js -> s 0 = Q2R v -> germ f x -> g_compose js v x = Some y -> germ (fun t => s (f t)) y.
Proof.
  intros Hs Hv [A B] H. unfold g_compose in H. destruct x as [e l]; cbn [fst snd] in *. destruct e as [q|]; [|easy]. destruct l as [|a k]; [easy|].
  destruct (qzero q) eqn:E; [|easy]. injection H as <-. assert (F0 : f 0 = 0) by (rewrite (A q eq_refl); now apply qzero_ok). split; cbn [fst snd].
  - intros p [= <-]. now rewrite F0.
  - now apply s_compose_ok.
Qed.
(** the function t *)
Definition g_identity : option series :=
  bind (of_q K 1) (fun one => Some (Some 0%Q, match n with O => [] | S O => [zero K] | S (S k) => zero K :: s_constant K (S k) one end)).
Lemma g_identity_ok x : g_identity = Some x -> germ (fun t => t) x.
Proof.
  unfold g_identity. intros H. unbind. injection H as <-. apply of_q_ok in E. rewrite Q2R_1 in E. split; cbn [fst snd].
  - intros q [= <-]. now rewrite Q2R_0.
  - destruct n as [|[|k]]; [apply bounded_id| |]; (exists 0, (fun _ => 1); split; [apply zero_ok|]; split; [|apply near0_all; intros t; ring]).
    + apply bounded_const.
    + now apply (s_constant_ok K (S k)).
Qed.

(** ** Terms *)
Section Terms.
Variable jet : primitive -> option (list T).
Hypothesis Hconst : forall c a, const c = Some a -> stands K (constant_r c) a.
Hypothesis Hjet : forall p js, jet p = Some js -> expands (primitive_fun p) js.
Definition g_apply (p : primitive) (x : series) : option series := bind (jet p) (fun js => g_compose js (value_at_0 p) x).
Definition g_const (c : constant) : option series := bind (const c) (fun a => Some (None, s_constant K n a)).
Definition g_ln (x : series) : option series :=
  match fst x with
  | Some q => if qeqb q 1 then bind (g_q (-1 # 1)) (fun m => g_apply P_ln (g_plus m x))
              else if qeqb q 2 && negb (Nat.eqb (length (snd x)) 0) then bind (g_q (-1 # 1)) (fun m => bind (g_q half_q) (fun h => bind (g_const Log_two) (fun c =>
                bind (g_apply P_ln (g_plus m (g_times h x))) (fun y => Some (g_plus c y)))))
              else None
  | None => None end.
Fixpoint t_s (x : series) (t : term) : option series :=
  match t with
  | Z_ => Some x
  | One => g_q 1
  | Neg a => bind (t_s x a) g_neg
  | Add a b => bind (t_s x a) (fun y => bind (t_s x b) (fun z => Some (g_plus y z)))
  | Mul a b => bind (t_s x a) (fun y => bind (t_s x b) (fun z => Some (g_times y z)))
  | Inv a => bind (t_s x a) g_inv
  | Exp_ a => bind (t_s x a) (g_apply P_exp)
  | Sin_ a => bind (t_s x a) (g_apply P_sin)
  | Cos_ a => bind (t_s x a) (g_apply P_cos)
  | Atan_ a => bind (t_s x a) (g_apply P_atan)
  | Bell_ a => bind (t_s x a) (g_apply P_bell)
  | Bell2_ a => bind (t_s x a) (g_apply P_bell2)
  | Ln_ a => bind (t_s x a) g_ln
  | Cst_ c => g_const c
  | Sqrt_ _ => None
  end.
Lemma g_apply_ok p f x y : germ f x -> g_apply p x = Some y -> germ (fun t => primitive_fun p (f t)) y.
Proof. unfold g_apply. intros Hf H. unbind. apply (g_compose_ok _ a (value_at_0 p) f x); auto using value_at_0_ok. Qed.
Lemma g_const_ok c x : g_const c = Some x -> germ (fun _ => constant_r c) x.
Proof. unfold g_const. intros H. unbind. injection H as <-. split; [easy|]. apply s_constant_ok. now apply Hconst. Qed.
Lemma q_minus_one : Q2R (-1 # 1) = -1. Proof. unfold Q2R. cbn. lra. Qed.
Lemma q_half : Q2R half_q = / 2. Proof. unfold half_q, Q2R. cbn. lra. Qed.
Lemma g_ln_ok f x y : germ f x -> g_ln x = Some y -> germ (fun t => ln (f t)) y.
Proof.
  intros Hf H. unfold g_ln in H. destruct (fst x) as [q|] eqn:Ex; [|easy]. assert (F0 := proj1 Hf q Ex). destruct (qeqb q 1) eqn:E1; [|destruct (qeqb q 2 && _)%bool eqn:E2; [apply andb_prop in E2 as [E2 E2']|easy]].
  - unbind. apply g_q_ok in E. assert (G := g_apply_ok P_ln _ _ _ (g_plus_ok _ _ _ _ E Hf) H). apply (germ_same (fun t => primitive_fun P_ln (Q2R (-1 # 1) + f t))); [|exact G].
    intros t. cbn [primitive_fun]. rewrite q_minus_one. f_equal. ring.
  - apply qeqb_ok in E2. rewrite Q2R_2 in E2. rewrite E2 in F0. unbind. injection H as <-. apply g_q_ok in E, E0. apply g_const_ok in E3.
    assert (G := g_apply_ok P_ln _ _ _ (g_plus_ok _ _ _ _ E (g_times_ok _ _ _ _ E0 Hf)) E4). cbn [primitive_fun constant_r] in G, E3.
    refine (germ_near _ _ _ _ (g_plus_ok _ _ _ _ E3 G)).
    assert (N : near0 (fun t => 0 < f t)).
    { destruct Hf as [_ Hf]. destruct (snd x) as [|b k]; [easy|]. destruct Hf as (c & g & _ & Hg & C). assert (C0 := near0_0 _ C). cbv beta in C0.
      refine (near0_imp _ _ _ (near0_and _ _ C (vanishing g 1 (expands_bounded K _ _ Hg) Rlt_0_1))). intros t [-> V]. apply Rabs_lt_between in V. lra. }
    refine (near0_imp _ _ _ N). intros t Ht. rewrite q_minus_one, q_half. replace (1 + (-1 + / 2 * f t)) with (f t * / 2) by ring.
    rewrite ln_mult, ln_Rinv by lra. ring.
Qed.
Lemma t_s_ok f x : germ f x -> forall t y, t_s x t = Some y -> germ (fun u => t_r (f u) t) y.
Proof.
  intros Hf. induction t; cbn [t_s t_r]; intros y H; unbind.
  - now injection H as <-.
  - apply g_q_ok in H. now rewrite Q2R_1 in H.
  - eapply g_neg_ok; eauto.
  - injection H as <-. apply g_plus_ok; auto.
  - injection H as <-. apply g_times_ok; auto.
  - exact (proj2 (g_inv_ok _ _ _ (IHt _ E) H)).
  - exact (g_apply_ok P_exp _ _ _ (IHt _ E) H).
  - exact (g_apply_ok P_sin _ _ _ (IHt _ E) H).
  - exact (g_apply_ok P_cos _ _ _ (IHt _ E) H).
  - exact (g_apply_ok P_atan _ _ _ (IHt _ E) H).
  - exact (g_ln_ok _ _ _ (IHt _ E) H).
  - discriminate H.
  - exact (g_apply_ok P_bell _ _ _ (IHt _ E) H).
  - exact (g_apply_ok P_bell2 _ _ _ (IHt _ E) H).
  - now apply g_const_ok.
Qed.
End Terms.

(** ** The expansions from differential equations *)
Fixpoint exp_jet (k : nat) : option (list T) :=
  match k with O => Some [] | S k => bind (of_q K 1) (fun one => bind (exp_jet k) (s_integral K one)) end.
Fixpoint circle_jet (k : nat) : option (list T * list T) :=
  match k with
  | O => Some ([], [])
  | S k => bind (of_q K 1) (fun one => bind (of_q K (-1 # 1)) (fun m => bind (circle_jet k) (fun sc =>
      bind (s_integral K (zero K) (snd sc)) (fun s => bind (s_integral K one (s_scale K m (fst sc))) (fun c => Some (s, c))))))
  end.
Lemma exp_jet_ok k : forall l, exp_jet k = Some l -> expands exp l.
Proof.
  assert (D : near0 (fun z => is_derive exp z (exp z))) by (apply near0_all; intros z; auto_derive; [exact I|ring]).
  induction k as [|k IH]; cbn [exp_jet]; intros l H.
  - injection H as <-. exact (derive_bounded _ _ D).
  - unbind. apply of_q_ok in E. rewrite Q2R_1 in E. refine (s_integral_ok K exp exp a a0 l D _ (IH _ E0) H). now rewrite exp_0.
Qed.
Lemma circle_jet_ok k : forall s c, circle_jet k = Some (s, c) -> expands sin s /\ expands cos c.
Proof.
  assert (D := near0_all _ derive_sin). assert (D' := near0_all _ derive_cos).
  induction k as [|k IH]; cbn [circle_jet]; intros s c H.
  - injection H as <- <-. split; [exact (derive_bounded _ _ D)|exact (derive_bounded _ _ D')].
  - unbind. injection H as <- <-. apply of_q_ok in E. rewrite Q2R_1 in E. destruct a1 as [s' c']. destruct (IH s' c' E1) as [A B]. cbn [fst snd] in *. split.
    + refine (s_integral_ok K sin cos _ _ _ D _ B E2). rewrite sin_0. apply zero_ok.
    + refine (s_integral_ok K cos (fun z => - sin z) _ _ _ D' _ _ E3); [now rewrite cos_0|].
      apply (expands_same K _ (fun t => -1 * sin t)); [intros t; ring|]. apply s_scale_ok; [now apply minus_one|exact A].
Qed.
Definition basic_jet (p : primitive) : option (list T) :=
  match p with
  | P_exp => exp_jet n
  | P_sin => bind (circle_jet n) (fun sc => Some (fst sc))
  | P_cos => bind (circle_jet n) (fun sc => Some (snd sc))
  | _ => None
  end.
(** derivatives as terms *)
Definition primitive_slope (p : primitive) : option term :=
  match p with
  | P_atan => Some (Inv (Enclosure.Add One (Enclosure.Mul Z_ Z_)))
  | P_bell => Some (Exp_ (Neg (Enclosure.Mul Z_ Z_)))
  | P_bell2 => Some (Exp_ (Neg (Enclosure.Mul half (Enclosure.Mul Z_ Z_))))
  | P_ln => Some (Inv (Enclosure.Add One Z_))
  | _ => None
  end.
Definition jet (p : primitive) : option (list T) :=
  match primitive_slope p with
  | Some t => bind g_identity (fun x => bind (t_s basic_jet x t) (fun y => s_integral K (zero K) (snd y)))
  | None => basic_jet p
  end.
Hypothesis Hconst : forall c a, const c = Some a -> stands K (constant_r c) a.
Lemma basic_jet_ok p js : basic_jet p = Some js -> expands (primitive_fun p) js.
Proof.
  destruct p; cbn [basic_jet primitive_fun]; try easy; intros H.
  - now apply (exp_jet_ok n).
  - unbind. injection H as <-. destruct a as [s c]. now apply (circle_jet_ok n s c).
  - unbind. injection H as <-. destruct a as [s c]. now apply (circle_jet_ok n s c).
Qed.
Lemma primitive_slope_ok p t : primitive_slope p = Some t -> near0 (fun z => is_derive (primitive_fun p) z (t_r z t)).
Proof.
  destruct p; intros [= <-]; cbn [primitive_fun t_r half].
  - apply near0_all, derive_atan.
  - apply near0_all, bell_integral_derive.
  - apply near0_all, bell2_derive.
  - refine (near0_imp _ _ _ (near0_small 1 Rlt_0_1)). intros z Hz. apply Rabs_lt_between in Hz. auto_derive; [lra|]. field. lra.
Qed.
Lemma jet_ok p js : jet p = Some js -> expands (primitive_fun p) js.
Proof.
  unfold jet. destruct (primitive_slope p) as [t|] eqn:Ep; [|apply basic_jet_ok]. intros H. unbind. apply g_identity_ok in E.
  assert (G := t_s_ok basic_jet Hconst basic_jet_ok _ _ E t _ E0). refine (s_integral_ok K _ _ _ _ _ (primitive_slope_ok p t Ep) _ (proj2 G) H).
  rewrite value_at_0_ok. destruct p; try discriminate Ep; cbn [value_at_0]; rewrite Q2R_0; apply zero_ok.
Qed.

Definition g_activation (k : shape) (x : series) : option (series * series) :=
  match k with
  | Kink _ _ | Exponential Rsqrt => None
  | Inverse => bind (g_inv x) (fun y => bind (g_neg (g_times y y)) (fun d => Some (y, d)))
  | Exponential e => bind (t_s jet x (value_term e)) (fun v => bind (t_s jet x (slope_term e)) (fun d => Some (v, d)))
  end.
Lemma g_activation_ok k f x v d : germ f x -> g_activation k x = Some (v, d) ->
  germ (fun t => shape_fun k (f t)) v /\ exists f', near0 (fun t => is_derive (shape_fun k) (f t) (f' t)) /\ germ f' d.
Proof.
  intros Hf H. destruct k as [s t| |e]; cbn [g_activation shape_fun] in *; [easy| |].
  - unbind. injection H as <- <-. destruct (g_inv_ok _ _ _ Hf E) as [N G]. split; [exact G|]. exists (fun t => - (/ f t * / f t)). split.
    + refine (near0_imp _ _ _ N). intros t Ht. now apply inverse_derive.
    + exact (g_neg_ok _ _ _ (g_times_ok _ _ _ _ G G) E0).
  - assert (H' : bind (t_s jet x (value_term e)) (fun v => bind (t_s jet x (slope_term e)) (fun d => Some (v, d))) = Some (v, d)) by (destruct e; easy).
    assert (Dom : forall z, domain e z) by (intros z; destruct e; easy). clear H. unbind. injection H' as <- <-.
    assert (S := t_s_ok jet Hconst jet_ok f x Hf). split.
    + apply (germ_same (fun t => t_r (f t) (value_term e))); [intros t; symmetry; apply value_term_ok|now apply S].
    + exists (fun t => t_r (f t) (slope_term e)). split; [apply near0_all; intros t; now apply slope_term_ok|now apply S].
Qed.
Definition g_null : series := (Some 0%Q, s_constant K n (zero K)).
Definition series_numbers : germs.
Proof.
  refine {| g_carrier := series; index := R; near := near0; g_stands := germ; g_of_q := g_q; g_add := g_plus; g_mul := g_times; g_act := g_activation; g_zero := g_null |}.
  - exact near0_all.
  - exact near0_and.
  - exact near0_imp.
  - exact germ_near.
  - intros q a. apply g_q_ok.
  - split; [intros q [= <-]; symmetry; apply Q2R_0|]. apply s_constant_ok, zero_ok.
  - exact g_plus_ok.
  - exact g_times_ok.
  - exact g_activation_ok.
Defined.
(** the same computation, of which nothing is said: constants may be anything *)
Definition formal_numbers : germs.
Proof.
  refine {| g_carrier := series; index := unit; near := fun _ => True; g_stands := fun _ _ => True; g_of_q := g_q; g_add := g_plus; g_mul := g_times; g_act := g_activation; g_zero := g_null |}; auto.
  intros k r a v d _ _. split; [exact I|]. now exists (fun _ => 0).
Defined.
End Jets.
