(** * Formal power series over R

    Proved here: they form an integral domain with a derivation; the chain rule for polynomials and for functions by Taylor's formula; formal differential equations with a causal
    right side have solutions. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FunctionalExtensionality Classical.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Linear Expr Slp Checks Flow Lie Jets Words Gradient.
Import ListNotations.
Local Open Scope R_scope.

Definition series := nat -> R.
Definition stail (a : series) : series := fun n => a (S n).
Definition sadd (a b : series) : series := fun n => a n + b n.
Definition sneg (a : series) : series := fun n => - a n.
Definition ssub (a b : series) : series := fun n => a n - b n.
Definition scst (c : R) : series := fun n => match n with O => c | S _ => 0 end.
Fixpoint smulr (a b : series) (n : nat) : R :=
  match n with O => a O * b O | S k => a O * b (S k) + smulr (stail a) b k end.
Definition smul (a b : series) : series := fun n => smulr a b n.
Definition sder (a : series) : series := fun n => INR (S n) * a (S n).

Lemma seq_ext (a b : series) : (forall n, a n = b n) -> a = b.
Proof. apply functional_extensionality. Qed.
Lemma smulr_S a b n : smulr a b (S n) = smulr a (stail b) n + a (S n) * b O.
Proof.
  revert a; induction n as [|n IH]; intros a; [cbn; unfold stail; ring|].
  change (smulr a b (S (S n))) with (a O * b (S (S n)) + smulr (stail a) b (S n)). rewrite IH. cbn. unfold stail. ring.
Qed.
Lemma smul_comm a b : smul a b = smul b a.
Proof.
  apply seq_ext. intros n. unfold smul. revert a b; induction n as [|n IH]; intros a b; [cbn; ring|].
  rewrite smulr_S. cbn. rewrite (IH a (stail b)). ring.
Qed.
Lemma smul_add_l a b c : smul (sadd a b) c = sadd (smul a c) (smul b c).
Proof.
  apply seq_ext. intros n. unfold smul, sadd. revert a b; induction n as [|n IH]; intros a b; [cbn; ring|]. cbn.
  assert (K := IH (stail a) (stail b)). unfold stail in *. rewrite K. ring.
Qed.
Lemma smul_scal r a b : smul (fun n => r * a n) b = (fun n => r * smul a b n).
Proof.
  apply seq_ext. intros n. unfold smul. revert a; induction n as [|n IH]; intros a; [cbn; ring|]. cbn.
  assert (K := IH (stail a)). unfold stail in *. rewrite K. ring.
Qed.
Lemma smul_tail a b n : stail (smul a b) n = a O * stail b n + smul (stail a) b n.
Proof. reflexivity. Qed.
Lemma smul_assoc a b c : smul a (smul b c) = smul (smul a b) c.
Proof.
  apply seq_ext. intros n. revert a; induction n as [|n IH]; intros a; [unfold smul; cbn; ring|].
  change (smul (smul a b) c (S n)) with (a O * b O * c (S n) + smul (stail (smul a b)) c n).
  replace (stail (smul a b)) with (sadd (fun k => a O * stail b k) (smul (stail a) b)) by reflexivity.
  rewrite smul_add_l, smul_scal. unfold sadd. rewrite <- IH.
  change (smul a (smul b c) (S n)) with (a O * (b O * c (S n) + smul (stail b) c n) + smul (stail a) (smul b c) n). ring.
Qed.
Lemma smul_1 a : smul (scst 1) a = a.
Proof.
  assert (Z : forall n b, smulr (fun _ => 0) b n = 0) by (induction n; intros; cbn; [ring|]; unfold stail; rewrite IHn; ring).
  apply seq_ext. intros [|n]; unfold smul; cbn; [ring|]. replace (stail (scst 1)) with (fun _ : nat => 0) by (now apply seq_ext). rewrite Z. ring.
Qed.
(** a function by Taylor's formula: c_0 + w·(c_1 + w·(…)), to order n, where w has no constant term *)
Fixpoint thorner (n : nat) (c : nat -> R) (w : series) : series :=
  match n with O => scst (c O) | S n' => sadd (scst (c O)) (smul w (thorner n' (fun k => c (S k)) w)) end.
Definition taylor (f : fn) (n : nat) (r : R) (k : nat) : R := jetR f (n + k) r * / INR (fact k).
Definition sfun (f : fn) (n : nat) (a : series) : series := fun m => thorner m (taylor f n (a O)) (ssub a (scst (a O))) m.
Definition opsS : ops R series := {| oz := scst 0; oadd := sadd; omul := smul; oneg := sneg; ocst := scst; ofun := fun f _ n a => sfun f n a |}.
Lemma opsS_ok : ring_ok opsS.
Proof.
  split; cbn; intros.
  - apply seq_ext; intros; unfold sadd; ring.
  - apply seq_ext; intros; unfold sadd; ring.
  - apply seq_ext; intros [|]; unfold sadd; cbn; ring.
  - apply seq_ext; intros [|]; unfold sadd, sneg; cbn; ring.
  - apply smul_assoc.
  - apply smul_comm.
  - apply smul_1.
  - apply smul_add_l.
  - reflexivity.
  - reflexivity.
Qed.
Lemma ssub_def a b : ssub a b = sadd a (sneg b).
Proof. apply seq_ext; intros; unfold ssub, sadd, sneg; ring. Qed.
Lemma S_ring : ring_theory (scst 0) (scst 1) sadd smul ssub sneg eq.
Proof.
  destruct (ring_theory_of opsS opsS_ok) as [A B C D E F G H I]. split; auto using ssub_def.
Qed.
Add Ring SRing : S_ring.

(** lowest coefficients *)
Lemma smul_shift k : forall a b n, (forall i, (i < k)%nat -> a i = 0) -> smul a b (k + n)%nat = smul (fun i => a (k + i)%nat) b n.
Proof.
  induction k as [|k IH]; intros a b n H; [reflexivity|].
  change (smul a b (S k + n)%nat) with (a O * b (S (k + n)) + smul (stail a) b (k + n)%nat). rewrite H by lia.
  rewrite IH by (intros; apply H; lia). unfold stail. cbn. ring.
Qed.
Lemma smul_low a b k l : (forall i, (i < k)%nat -> a i = 0) -> (forall i, (i < l)%nat -> b i = 0) -> smul a b (k + l)%nat = a k * b l.
Proof.
  intros Ha Hb. rewrite smul_shift by auto. rewrite smul_comm. rewrite <- (Nat.add_0_r l), smul_shift by auto.
  unfold smul; cbn. rewrite !Nat.add_0_r. ring.
Qed.
Lemma lowest (a : series) : a <> scst 0 -> exists k, a k <> 0 /\ forall i, (i < k)%nat -> a i = 0.
Proof.
  intros H. destruct (classic (exists k, a k <> 0)) as [(k & Hk)|N].
  - induction k as [k IH] using (well_founded_induction lt_wf).
    destruct (classic (exists i, (i < k)%nat /\ a i <> 0)) as [(i & Hi & Ha)|N]; [now apply (IH i)|].
    exists k. split; [easy|]. intros i Hi. apply NNPP. intros X. apply N. now exists i.
  - exfalso. apply H. apply seq_ext. intros n. assert (a n = 0) by (apply NNPP; intros X; apply N; now exists n). destruct n; cbn; auto.
Qed.
Lemma S_integral a b : smul a b = scst 0 -> a = scst 0 \/ b = scst 0.
Proof.
  intros H. destruct (classic (a = scst 0)) as [|Na]; [auto|]. destruct (classic (b = scst 0)) as [|Nb]; [auto|]. exfalso.
  destruct (lowest a Na) as (k & Hk & La). destruct (lowest b Nb) as (l & Hl & Lb).
  assert (E := smul_low a b k l La Lb). rewrite H in E.
  assert (Z : scst 0 (k + l)%nat = 0) by (now destruct (k + l)%nat). rewrite Z in E. symmetry in E. apply Rmult_integral in E as [?|?]; easy.
Qed.
Lemma S_one : scst 1 <> scst 0.
Proof. intros H. apply R1_neq_R0. now apply (f_equal (fun a : series => a O)) in H. Qed.

(** derivation *)
Lemma sder_mul a b : sder (smul a b) = sadd (smul (sder a) b) (smul a (sder b)).
Proof.
  apply seq_ext. intros n. revert a; induction n as [|n IH]; intros a.
  - unfold sder, sadd, smul; cbn. unfold sder, stail; cbn. ring.
  - change (sder (smul a b) (S n)) with (INR (S (S n)) * (a O * b (S (S n)) + smul (stail a) b (S n))).
    unfold sadd. change (smul (sder a) b (S n)) with (sder a O * b (S n) + smul (stail (sder a)) b n).
    change (smul a (sder b) (S n)) with (a O * sder b (S n) + smul (stail a) (sder b) n).
    replace (stail (sder a)) with (sadd (sder (stail a)) (stail (stail a))) by (apply seq_ext; intros k; unfold sadd, sder, stail; rewrite (S_INR (S k));
      ring).
    rewrite smul_add_l. unfold sadd at 1. assert (K := IH (stail a)). unfold sadd in K.
    assert (L : sder (smul (stail a) b) n = INR (S n) * smul (stail a) b (S n)) by reflexivity. rewrite L in K.
    assert (Q : smul (stail a) b (S n) = stail a O * b (S n) + smul (stail (stail a)) b n) by reflexivity.
    assert (T : sder a O = stail a O) by (unfold sder, stail; cbn; ring).
    assert (U : sder b (S n) = INR (S (S n)) * b (S (S n))) by reflexivity. rewrite T, U. rewrite (S_INR (S n)) in *. nra.
Qed.
Lemma sder_cst c : sder (scst c) = scst 0.
Proof. apply seq_ext. intros [|n]; unfold sder; cbn; ring. Qed.
Lemma sder_add a b : sder (sadd a b) = sadd (sder a) (sder b).
Proof. apply seq_ext. intros n; unfold sder, sadd; ring. Qed.
Lemma sder_neg a : sder (sneg a) = sneg (sder a).
Proof. apply seq_ext. intros n; unfold sder, sneg; ring. Qed.
Lemma sder_sum {B} (f : B -> series) l : sder (asum opsS (map f l)) = asum opsS (map (fun j => sder (f j)) l).
Proof.
  induction l as [|a l IH]; [apply sder_cst|].
  change (sder (sadd (f a) (asum opsS (map f l))) = sadd (sder (f a)) (asum opsS (map (fun j => sder (f j)) l))).
  now rewrite sder_add, IH.
Qed.

(** ** Functions of series *)
Definition agree (n : nat) (a b : series) : Prop := forall k, (k <= n)%nat -> a k = b k.
Lemma smul_agree n a a' b b' : agree n a a' -> agree n b b' -> agree n (smul a b) (smul a' b').
Proof.
  intros Ha Hb k. unfold smul. revert n a a' Ha Hb; induction k as [|k IH]; intros n a a' Ha Hb Hk; cbn.
  - rewrite Ha, Hb by lia. reflexivity.
  - rewrite Ha, Hb by lia. f_equal. apply (IH (pred n)); [intros j Hj; apply Ha; lia|intros j Hj; apply Hb; lia|lia].
Qed.
Lemma thorner_step w : w O = 0 -> forall n c, agree n (thorner n c w) (thorner (S n) c w).
Proof.
  intros Hw. induction n as [|n IH]; intros c k Hk.
  - replace k with O by lia. cbn. unfold sadd, smul. cbn. rewrite Hw. ring.
  - change (scst (c O) k + smul w (thorner n (fun j => c (S j)) w) k = scst (c O) k + smul w (thorner (S n) (fun j => c (S j)) w) k). f_equal.
    destruct k as [|k]; [unfold smul; cbn; rewrite Hw; ring|].
    change (w O * thorner n (fun j => c (S j)) w (S k) + smul (stail w) (thorner n (fun j => c (S j)) w) k =
      w O * thorner (S n) (fun j => c (S j)) w (S k) + smul (stail w) (thorner (S n) (fun j => c (S j)) w) k).
    rewrite Hw, !Rmult_0_l. f_equal. apply (smul_agree n); [intros j _; reflexivity|apply IH|lia].
Qed.
Lemma thorner_stable w : w O = 0 -> forall n m c, (m <= n)%nat -> thorner n c w m = thorner m c w m.
Proof.
  intros Hw n. induction n as [|n IH]; intros m c Hm; [now replace m with O by lia|].
  destruct (Nat.eq_dec m (S n)) as [->|D]; [reflexivity|]. rewrite <- (thorner_step w Hw n c m) by lia. apply IH. lia.
Qed.
Lemma thorner_agree n : forall j c w w', agree n w w' -> agree n (thorner j c w) (thorner j c w').
Proof.
  induction j as [|j IH]; intros c w w' H; cbn [thorner]; [intros k _; reflexivity|]. intros k Hk. unfold sadd. f_equal.
  apply (smul_agree n); auto.
Qed.
Lemma thorner_ext n : forall c d w, (forall k, (k <= n)%nat -> c k = d k) -> thorner n c w = thorner n d w.
Proof.
  induction n as [|n IH]; intros c d w H; cbn [thorner]; rewrite (H O) by lia; [reflexivity|]. f_equal. f_equal. apply IH. intros; apply H; lia.
Qed.
Lemma thorner_add n : forall c d w, sadd (thorner n c w) (thorner n d w) = thorner n (fun k => c k + d k) w.
Proof.
  assert (Z : forall a b, scst (a + b) = sadd (scst a) (scst b)) by (intros; apply seq_ext; intros [|]; unfold sadd; cbn; ring).
  induction n as [|n IH]; intros c d w; cbn [thorner]; rewrite Z; [reflexivity|]. rewrite <- (IH (fun k => c (S k)) (fun k => d (S k)) w). ring.
Qed.
Lemma thorner_der w : forall n c, sder (thorner (S n) c w) = smul (thorner n (fun k => INR (S k) * c (S k)) w) (sder w).
Proof.
  induction n as [|n IH]; intros c.
  - cbn [thorner]. rewrite sder_add, sder_mul, !sder_cst. replace (INR 1 * c 1%nat) with (c 1%nat) by (cbn; ring). ring.
  - change (thorner (S (S n)) c w) with (sadd (scst (c O)) (smul w (thorner (S n) (fun k => c (S k)) w))).
    rewrite sder_add, sder_mul, sder_cst, IH.
    assert (E : thorner (S n) (fun k => INR (S k) * c (S k)) w =
      sadd (thorner (S n) (fun k => c (S k)) w) (smul w (thorner n (fun k => INR (S k) * c (S (S k))) w))).
    { cbn [thorner]. replace (INR 1 * c 1%nat) with (c 1%nat) by (cbn; ring).
      transitivity (sadd (scst (c 1%nat)) (smul w (sadd (thorner n (fun k => c (S (S k))) w) (thorner n (fun k => INR (S k) * c (S (S k))) w)))); [|ring].
      rewrite thorner_add. f_equal. f_equal. apply thorner_ext. intros k _. rewrite (S_INR (S k)). ring. }
    rewrite E. ring.
Qed.
Lemma sfun_der f n a : sder (sfun f n a) = smul (sfun f (S n) a) (sder a).
Proof.
  set (w := ssub a (scst (a O))). assert (Hw : w O = 0) by (unfold w, ssub, scst; ring).
  assert (Dw : sder w = sder a) by (unfold w; rewrite ssub_def, sder_add, sder_neg, sder_cst; ring).
  apply seq_ext. intros m. unfold sder at 1.
  change (sfun f n a (S m)) with (thorner (S m) (taylor f n (a O)) w (S m)).
  change (INR (S m) * thorner (S m) (taylor f n (a O)) w (S m)) with (sder (thorner (S m) (taylor f n (a O)) w) m).
  rewrite thorner_der, Dw. apply (smul_agree m); [|intros k _; reflexivity|lia]. intros k Hk.
  rewrite (thorner_ext m _ (taylor f (S n) (a O))).
  - rewrite thorner_stable by auto. reflexivity.
  - intros j _. unfold taylor. replace (n + S j)%nat with (S n + j)%nat by lia.
    change (fact (S j)) with (S j * fact j)%nat. rewrite mult_INR.
    field. split; [apply INR_fact_neq_0|apply not_0_INR; lia].
Qed.
Lemma sfun_agree n f k a b : agree n a b -> agree n (sfun f k a) (sfun f k b).
Proof.
  intros H m Hm. unfold sfun. rewrite (H O) by lia. apply (thorner_agree n); [|lia]. intros j Hj. unfold ssub. now rewrite H.
Qed.
Lemma sfun_0 f n a : sfun f n a O = jetR f n (a O).
Proof. unfold sfun, taylor. cbn [thorner scst]. rewrite Nat.add_0_r. cbn. field. Qed.

Theorem sder_ev M (th : positive -> series) q : (forall k, (M < k)%positive -> sder (th k) = scst 0) ->
  sder (ev opsS th q) = asum opsS (map (fun j => smul (ev opsS th (pd j q)) (sder (th j))) (plist M)).
Proof.
  intros H. assert (E := ev_dual opsS opsS_ok M th (fun k => sder (th k)) q H). apply (f_equal snd) in E. cbn [snd] in E.
  cbn [opsS omul] in E. rewrite <- E. clear E.
  assert (F : forall r, fst (ev (dual opsS) (fun k => (th k, sder (th k))) r) = ev opsS th r).
  { induction r as [z|i|a IHa b IHb|a IHa b IHb|a IHa|f n a IHa]; cbn [ev]; try reflexivity; cbn; rewrite ?IHa, ?IHb; reflexivity. }
  induction q as [z|i|a IHa b IHb|a IHa b IHb|a IHa|f n a IHa]; cbn [ev].
  - apply sder_cst.
  - reflexivity.
  - cbn. now rewrite sder_add, IHa, IHb.
  - cbn. rewrite sder_mul, IHa, IHb, !F. ring.
  - cbn. now rewrite sder_neg, IHa.
  - cbn. rewrite sfun_der, IHa, F. ring.
Qed.

(** ** Formal differential equations *)
Section Ode.
Context {J : Type} (y0 : J -> R) (Phi : (J -> series) -> J -> series).
Hypothesis causal : forall y z n, (forall i k, (k <= n)%nat -> y i k = z i k) -> forall i, Phi y i n = Phi z i n.
Fixpoint picard (n : nat) (i : J) (k : nat) : R :=
  match n with
  | O => scst (y0 i) k
  | S n' => match k with O => y0 i | S k' => Phi (picard n') i k' / INR (S k') end
  end.
Lemma picard_step n : forall k, (k <= n)%nat -> forall i, picard (S n) i k = picard n i k.
Proof.
  induction n as [|n IH]; intros k Hk i.
  - replace k with O by lia. reflexivity.
  - destruct k as [|k]; [reflexivity|]. change (Phi (picard (S n)) i k / INR (S k) = Phi (picard n) i k / INR (S k)). f_equal.
    apply causal. intros j l Hl. apply IH. lia.
Qed.
Lemma picard_stable n k : (k <= n)%nat -> forall i, picard n i k = picard k i k.
Proof.
  induction n as [|n IH]; intros Hk i; [now replace k with O by lia|].
  destruct (Nat.eq_dec k (S n)) as [->|N]; [reflexivity|]. rewrite picard_step by lia. apply IH. lia.
Qed.
Theorem ode_solution : exists y : J -> series, (forall i, y i O = y0 i) /\ forall i, sder (y i) = Phi y i.
Proof.
  exists (fun i k => picard k i k). split; [reflexivity|]. intros i. apply seq_ext. intros n. unfold sder.
  change (picard (S n) i (S n)) with (Phi (picard n) i n / INR (S n)).
  rewrite (causal (picard n) (fun i k => picard k i k) n) by (intros; now apply picard_stable).
  field. apply not_0_INR. lia.
Qed.
End Ode.

(** agreement up to order n is kept by the operations *)
Lemma agree_orel n : orel eq (fun _ _ _ _ => True) (agree n) opsS opsS.
Proof.
  split; cbn; intros; subst; try (now apply sfun_agree); intros k Hk; try reflexivity.
  - unfold sadd. now rewrite H, H0.
  - now apply (smul_agree n).
  - unfold sneg. now rewrite H.
Qed.
Lemma ev_agree n th th' q : (forall i, agree n (th i) (th' i)) -> agree n (ev opsS th q) (ev opsS th' q).
Proof.
  intros H. induction q; cbn [ev]; auto; try (apply (agree_orel n); auto).
Qed.
Lemma asum_agree {B} n (f g : B -> series) l : (forall j, In j l -> agree n (f j) (g j)) -> agree n (asum opsS (map f l)) (asum opsS (map g l)).
Proof.
  induction l as [|j l IH]; intros H; [intros k _; reflexivity|]. apply (rel_add (agree_orel n)); [apply H; simpl; auto|].
  apply IH. intros; apply H; simpl; auto.
Qed.
